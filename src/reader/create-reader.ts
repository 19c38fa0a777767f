import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import type { Maestro } from '../client/api.ts'
import type { Failure } from '../protocol/failure.ts'
import * as v from '../protocol/schema.ts'

export type ReaderOptions = {
  /** The project's origin; the page's own where a gateway stands in front. */
  readonly url: string
  /** The project's public key. */
  readonly anonKey: string
}

const TokenSchema = v.object({ token: v.string() })
const READS = new Set(['GET', 'HEAD'])

/** In PostgREST's shape, so that callers read it as they read any other refusal. */
const refused = (status: number, code: string, message: string): Response => Response.json({ code, message }, { status })

/** `null` while nobody is signed in. */
const tokenOf = async (maestro: Pick<Maestro, 'command'>): Promise<{ readonly token: string | null } | { readonly failed: Failure }> => {
  const answer = await maestro.command('accessToken')
  if (answer.ok) return v.parse(TokenSchema, answer.value)
  return answer.error.code === 'SIGNED_OUT' ? { token: null } : { failed: answer.error }
}

/**
 * A supabase-js client that reads as whoever is signed in, by the session that the worker owns: nothing of it lies in this page's storage. The worker
 * needs the kit `pageToken()`. It sends `GET` and `HEAD` only (select, `rpc` with `{ get: true }`, `functions.invoke` with `{ method: 'GET' }`,
 * downloads); anything else is answered here with 405 `READ_ONLY` and never leaves. That keeps mistakes out, not a hostile script: what a person
 * may do at the database is for row level security to say.
 *
 * While nobody is signed in the public key speaks alone. While no token is to be had, a read is answered here with 401 and the worker's code
 * (`AUTH_FAILED`): it must not look like an empty table.
 */
export const createReader = (maestro: Pick<Maestro, 'command'>, { url, anonKey }: ReaderOptions): SupabaseClient =>
  createClient(url, anonKey, {
    // For the socket; requests say below what came of it.
    accessToken: async () => {
      const said = await tokenOf(maestro)
      return 'token' in said ? said.token : null
    },
    global: {
      fetch: async (input, init) => {
        const request = new Request(input, init)
        if (!READS.has(request.method))
          return refused(405, 'READ_ONLY', 'This client only reads. What changes something is an action: maestro.execute(…).')
        const said = await tokenOf(maestro)
        if ('failed' in said) return refused(401, said.failed.code, said.failed.message)
        request.headers.set('authorization', `Bearer ${said.token ?? anonKey}`)
        return fetch(request)
      },
    },
  })
