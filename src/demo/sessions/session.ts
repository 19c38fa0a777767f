/** One whole piece of work for the assistant: what the user asks and what the assistant reads on the way. */
export type Session = {
  readonly id: string
  readonly title: string
  /** One line for the card. */
  readonly summary: string
  /** The user's own words; the assistant derives calls from them and from the messages, nothing else. */
  readonly request: string
  /** Ids of the messages that the assistant reads, in this order. */
  readonly reads: readonly string[]
  /** What to look out for while it runs. */
  readonly watch: string
  /** Whether a message carries an instruction that the user never gave. */
  readonly hostile: boolean
}
