/** Approvals by passkey and receipts for back ends: `maestro-sw/passkeys`. */
import { createSecretsDatabase } from '../adapters/secrets-database.ts'
import { createSupabasePasskeys } from '../adapters/supabase-passkeys.ts'
import { createDeviceSigner } from '../adapters/webcrypto-device-signer.ts'
import { webCryptoSignatures } from '../adapters/webcrypto-signatures.ts'
import type { ServerKey } from '../ports/passkey-server.ts'
import type { Kit } from '../runtime/kit.ts'
import { createPasskeys } from '../runtime/passkeys.ts'

/**
 * Asks for a passkey where an action's `verify` says so (by default whatever moves money, destroys or changes the account), and gives requests a
 * receipt that `maestro-sw/server` checks.
 *
 * @param options `url`: the project's origin, `''` for the page's own; `anonKey`: its public key; `keys`: the server's public keys (the `keys` of
 *   `GET maestro-sync/keys`), built in rather than learned: then nobody who can write to this browser's storage can replace them.
 */
export function passkeys(options: { readonly url: string; readonly anonKey?: string; readonly keys?: readonly ServerKey[] }): Kit {
  return createPasskeys({
    server: createSupabasePasskeys(options.url, options.anonKey ?? null),
    signer: createDeviceSigner(createSecretsDatabase()),
    signatures: webCryptoSignatures,
    pinned: options.keys ?? null,
  })
}
