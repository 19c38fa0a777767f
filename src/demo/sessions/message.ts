/** A message as it lies in the demo's inbox. Anybody could have written it, so everything in it is untrusted. */
export type Message = {
  readonly id: string
  readonly from: string
  readonly name: string
  /** When it came, as the inbox shows it. */
  readonly when: string
  readonly subject: string
  readonly body: string
}
