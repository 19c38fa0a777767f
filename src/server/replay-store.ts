/** One use of a call: whose, which, and for what request. */
export type Use = {
  /** Tenant and principal; a nonce means nothing outside it. */
  readonly owner: string
  readonly nonce: string
  /** SHA-256, hex, of idempotency key and call. */
  readonly digest: string
  /** Epoch ms until which the use must be remembered at least. */
  readonly keptUntil: number
}

export type Used = 'never' | 'again' | 'otherwise'

/**
 * Which calls were used, and for what: a call is good for one request, however often that one is sent. `take` must be atomic: of two at once that
 * differ, exactly one is first. Either may reject; then the request is refused.
 */
export interface ReplayStore {
  /** Remembers the use, unless the nonce was used before. `never`: it is remembered now. */
  take(use: Use): Promise<Used>
  /** The same question, without remembering anything. */
  look(use: Use): Promise<Used>
}
