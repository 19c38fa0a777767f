import type { LogLine } from '../protocol/messages.ts'

/** The page's console: the worker's lines are shown here, because this is where operators look for them. */
export function printLine({ level, text, code }: LogLine): void {
  if (code === undefined) console[level](text)
  else console[level](text, { code })
}
