import { base64UrlToBytes } from '../../src/base/bytes.ts'
import type { KillVerifier } from '../ports/kill-verifier.ts'

/** Ed25519 by WebCrypto; each pinned key is imported once. */
export function createWebCryptoKillVerifier(): KillVerifier {
  const keys = new Map<string, Promise<CryptoKey>>()

  const imported = (publicKey: string): Promise<CryptoKey> => {
    const there =
      keys.get(publicKey) ?? crypto.subtle.importKey('raw', new Uint8Array(base64UrlToBytes(publicKey) ?? []), 'Ed25519', false, ['verify'])
    keys.set(publicKey, there)
    return there
  }

  return {
    verify: async (publicKey, signature, bytes) => {
      try {
        return await crypto.subtle.verify('Ed25519', await imported(publicKey), new Uint8Array(signature), new Uint8Array(bytes))
      } catch {
        return false
      }
    },
  }
}
