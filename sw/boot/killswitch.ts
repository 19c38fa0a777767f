/** Signed kill documents: `maestro-sw/killswitch`. */
import { createFetchKillAcks } from '../adapters/fetch-kill-acks.ts'
import { createKillMirror } from '../adapters/kill-mirror-store.ts'
import { createSecretsDatabase } from '../adapters/secrets-database.ts'
import { createDeviceSigner } from '../adapters/webcrypto-device-signer.ts'
import { createWebCryptoKillVerifier } from '../adapters/webcrypto-kill-verifier.ts'
import type { Kit } from '../runtime/kit.ts'
import { createKillswitch } from '../runtime/killswitch.ts'
import type { PinnedKeys } from '../runtime/killswitch-read.ts'

export type KillswitchOptions = PinnedKeys & {
  /** The server's origin, as in `supabase({ url })`; the page's own when absent. */
  readonly url?: string
  /** This build's number, `1.4.0`: a document can be for a range of builds. A build that gives none is in every range. */
  readonly release?: string
}

/**
 * From now on only documents signed by one of these two keys (raw Ed25519, base64url) count: `stop` can make things stricter, `resume` can loosen.
 * Without any of them GREEN runs and RED waits. An unsigned document is refused; a build's static flag can still stop.
 */
export function killswitch({ stop, resume, url = '', release }: KillswitchOptions): Kit {
  const database = createSecretsDatabase()
  return createKillswitch({
    pinned: { stop, resume },
    release: release ?? null,
    acks: createFetchKillAcks(url),
    mirror: createKillMirror(database),
    signer: createDeviceSigner(database),
    verifier: createWebCryptoKillVerifier(),
  })
}
