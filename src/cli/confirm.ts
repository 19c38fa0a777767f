import type { Context } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'

/** Refuses unless the word was typed: `--confirm WORD`. */
export const confirmed = (context: Context, word: string, what: string): void => {
  const given = context.text('confirm')
  if (given === word) return
  throw new Fault(
    EXIT.refused,
    given === null ? 'CONFIRMATION_NEEDED' : 'CONFIRMATION_WRONG',
    `${what} Nothing was done. To do it, repeat the command with --confirm ${word}`,
  )
}

export const confirmFlag = (word: string) =>
  ({ type: 'string', description: `The word "${word}", typed, or nothing is done`, valueHint: word }) as const
