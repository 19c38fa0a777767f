/** Somebody whom we had to ask did not answer, or said that they cannot now: nothing is known of what was asked, so it is no refusal. */
export class Unavailable extends Error {
  readonly code = 'AUTH_UNAVAILABLE'

  constructor(cause: unknown) {
    super('the auth server does not answer', { cause })
    this.name = 'Unavailable'
  }
}
