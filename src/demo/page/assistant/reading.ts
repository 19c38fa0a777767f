import type { Message } from '../../sessions/message.ts'
import type { Person } from './person.ts'

/** Everything the reader may use to understand one text. */
export type Reading = {
  readonly text: string
  /** The message that the text is, or null for the user's request. */
  readonly message: Message | null
  /** Messages read so far; a request may point at them ("the invoice", "the supplier"). */
  readonly read: readonly Message[]
  readonly people: readonly Person[]
  readonly files: readonly { readonly id: string; readonly name: string }[]
  /** Relative days are counted from here. */
  readonly now: Date
}
