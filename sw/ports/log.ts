import type { LogLine } from '../../src/protocol/messages.ts'

/** Constant texts that operators search for, shown in the console of every open page. No parameter, token or result ever enters a line. */
export interface Log {
  line(line: LogLine): void
}

export type LogDep = { readonly log: Log }
