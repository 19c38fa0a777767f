import type { Result } from '../../src/base/result.ts'

export type Tokens = {
  readonly access: string
  readonly refresh: string
  /** Epoch ms at which the access token stops being accepted. */
  readonly expiresAt: number
  readonly tenant: string
  readonly user: string
}

/** `refused`: the credentials are wrong, ask for new ones. `unreachable`: nobody answered, keep what we have. */
export type AuthFailure = 'refused' | 'unreachable'

/** Gives tokens for credentials, or for a refresh token. Never stores anything. */
export interface AuthServer {
  password(email: string, password: string): Promise<Result<Tokens, AuthFailure>>
  refresh(token: string): Promise<Result<Tokens, AuthFailure>>
}
