/** Whom a verified token names. */
export type Caller = {
  readonly tenant: string
  /** The token's `sub`. */
  readonly principal: string
  /** What devices call this person in receipts: a name that only the project gives (`app_metadata.user_name`), or the principal. */
  readonly account: string
  /** A name to show; never decide on it. */
  readonly user: string
}

/** Checks a token; null when it is not one of ours, has ended, or names no user of a tenant. Rejects while that cannot be known. */
export type VerifyToken = (token: string) => Promise<Caller | null>
