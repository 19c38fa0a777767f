/** Supabase as the shared ledger: `maestro-sw/supabase`. */
import { createSupabaseAuth } from '../adapters/supabase-auth.ts'
import { createSupabaseReceipts } from '../adapters/supabase-receipts.ts'
import type { ServerKit } from '../runtime/kits.ts'
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
