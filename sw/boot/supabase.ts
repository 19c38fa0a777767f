/** Supabase as the shared ledger: `maestro-sw/supabase`. */
import { createSupabaseAuth } from '../adapters/supabase-auth.ts'
import { createSupabaseReceipts } from '../adapters/supabase-receipts.ts'
import type { Kit } from '../runtime/kit.ts'
import type { ServerKit } from '../runtime/kits.ts'
import { createPageToken } from '../runtime/page-token.ts'
import { createServerLedger } from '../runtime/server-ledger.ts'
import { createSession } from '../runtime/session.ts'

export type MaestroServer = ServerKit & { readonly url: string }

/**
 * Claims, completions, the device's audit chain and the sign-in through a Supabase project.
 *
 * @param options `url`: the project's origin, `''` for the page's own; `anonKey`: its public key.
 */
export function supabase(options: { readonly url: string; readonly anonKey?: string }): MaestroServer {
  const server = { base: options.url, anonKey: options.anonKey ?? null }
  return {
    url: options.url,
    auth: createSupabaseAuth(server),
    receipts: (onKillVersion) => createSupabaseReceipts({ ...server, onKillVersion }),
    createLedger: createServerLedger,
    createSession,
  }
}

/**
 * Gives this origin's pages the access token of whoever is signed in, for `createReader` of `maestro-sw/supabase/page`. Without this kit no token
 * leaves the worker; with it, any script of the page can act at the server as that person until the token ends.
 */
export const pageToken = (): Kit => createPageToken
