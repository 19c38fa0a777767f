/** The sign-in server: who is whom, which tokens it gave, and until when they are good. Users are named by their e-mail's first part. */
import { err, ok, type Result } from '../base/result.ts'
import type { AuthFailure, Tokens } from '../../sw/ports/auth-server.ts'
import { EPOCH } from './world.ts'

export const TENANT = 'tenant-one'
const LIFE_MS = 3_600_000

export type Accounts = {
  signIn(user: string, password: string): Result<Tokens, AuthFailure>
  refresh(token: string): Result<Tokens, AuthFailure>
  /** Whose access token this is, while it is good. */
  owner(token: string | null): string | null
  /** Whose access token this ever was. */
  everOwner(token: string | null): string | null
  /** Ends every token: the next use is a 401, the next refresh is refused. */
  revokeAll(): void
}

export const passwordOf = (user: string): string => `password-of-${user}`

/** Expiry is told by the server's clock; a device whose clock is wrong finds out by a 401. */
export function createAccounts(now: () => number): Accounts {
  const access = new Map<string, { readonly user: string; readonly until: number; isGood: boolean }>()
  const refresh = new Map<string, { readonly user: string; isGood: boolean }>()
  let count = 0
  const give = (user: string): Tokens => {
    count += 1
    const tokens = { access: `CANARY-access-${user}-${count}`, refresh: `CANARY-refresh-${user}-${count}` }
    access.set(tokens.access, { user, until: now() + LIFE_MS, isGood: true })
    refresh.set(tokens.refresh, { user, isGood: true })
    return { ...tokens, expiresAt: EPOCH + now() + LIFE_MS, tenant: TENANT, user }
  }
  return {
    signIn: (user, password) => (password === passwordOf(user) ? ok(give(user)) : err('refused')),
    refresh(token) {
      const held = refresh.get(token)
      if (held?.isGood !== true) return err('refused')
      return ok(give(held.user))
    },
    owner(token) {
      const held = token === null ? undefined : access.get(token)
      return held?.isGood === true && held.until > now() ? held.user : null
    },
    everOwner: (token) => (token === null ? null : (access.get(token)?.user ?? null)),
    revokeAll() {
      for (const held of [...access.values(), ...refresh.values()]) held.isGood = false
    },
  }
}
