/** Signed audit heads and offline proofs: `maestro-sw/proofs`. */
import { createSecretsDatabase } from '../adapters/secrets-database.ts'
import { createSupabaseHeads } from '../adapters/supabase-heads.ts'
import { createDeviceSigner } from '../adapters/webcrypto-device-signer.ts'
import { webCryptoSignatures } from '../adapters/webcrypto-signatures.ts'
import type { ServerKey } from '../../src/audit/signed-head.ts'
import type { Kit } from '../runtime/kit.ts'
import { createProofs } from '../runtime/proofs.ts'

/**
 * Signs this device's audit chain, has it counter-signed and gives proofs: commands `heads` (what is signed and promised, what is refused) and
 * `proof {key}` (one file that `maestro audit verify` checks without a network).
 *
 * @param options `url`: the project's origin, `''` for the page's own; `anonKey`: its public key; `keys`: the server's public keys (the `keys` of
 *   `GET maestro-sync/keys`), built in rather than learned: then no other server can stand in for this one.
 */
export function proofs(options: { readonly url: string; readonly anonKey?: string; readonly keys?: readonly ServerKey[] }): Kit {
  return createProofs({
    server: createSupabaseHeads(options.url, options.anonKey ?? null),
    signer: createDeviceSigner(createSecretsDatabase()),
    isByKey: webCryptoSignatures.isByKey,
    pinned: options.keys ?? null,
  })
}
