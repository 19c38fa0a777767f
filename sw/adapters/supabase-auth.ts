/** Tokens from Supabase Auth's REST interface. The worker owns the session, so supabase-js and its localStorage stay out. */
import { err, ok, type Result } from '../../src/base/result.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { AuthFailure, AuthServer, Tokens } from '../ports/auth-server.ts'
import { readJson } from './read-json.ts'
import { request } from './request.ts'

const TokenSchema = v.looseObject({
  access_token: v.string(),
  refresh_token: v.string(),
  expires_in: v.number(),
  user: v.looseObject({
    id: v.string(),
    app_metadata: v.looseObject({ tenant_id: v.string(), user_name: v.optional(v.string()) }),
  }),
})

export function createSupabaseAuth({ base, anonKey }: { readonly base: string; readonly anonKey: string | null }): AuthServer {
  const ask = async (grant: string, body: Record<string, string>): Promise<Result<Tokens, AuthFailure>> => {
    try {
      const response = await request(`${base}/auth/v1/token?grant_type=${grant}`, LIMITS.syncTimeoutMs, {
        body,
        headers: anonKey === null ? {} : { apikey: anonKey },
      })
      if ([400, 401, 403, 422].includes(response.status)) return err('refused')
      const parsed = v.safeParse(TokenSchema, await readJson(response, LIMITS.answerBytesMax))
      if (!response.ok || !parsed.success) return err('unreachable')
      const { access_token, refresh_token, expires_in, user } = parsed.output
      return ok({
        access: access_token,
        refresh: refresh_token,
        expiresAt: Date.now() + expires_in * 1_000,
        tenant: user.app_metadata.tenant_id,
        // Never `user_metadata`: people edit that themselves, and could name themselves into somebody else's queue.
        user: user.app_metadata.user_name ?? user.id,
      })
    } catch {
      return err('unreachable')
    }
  }
  return {
    password: (email, password) => ask('password', { email, password }),
    refresh: (token) => ask('refresh_token', { refresh_token: token }),
  }
}
