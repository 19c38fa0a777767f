import { base64UrlToBytes } from '../../src/base/bytes.ts'
import type { Signatures } from '../ports/signatures.ts'

type Algorithm = { readonly name: string; readonly namedCurve?: string; readonly hash?: string }

const ED25519: Algorithm = { name: 'Ed25519' }
const P256: Algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const ES256: Algorithm = { name: 'ECDSA', hash: 'SHA-256' }

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

const check = async (
  format: 'raw' | 'spki',
  key: string,
  [imports, verifies]: readonly [Algorithm, Algorithm],
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> => {
  try {
    const imported = await crypto.subtle.importKey(format, own(base64UrlToBytes(key) ?? new Uint8Array()), imports, false, ['verify'])
    return await crypto.subtle.verify(verifies, imported, own(signature), own(bytes))
  } catch {
    return false
  }
}

/** Signatures by WebCrypto. */
export const webCryptoSignatures: Signatures = {
  isByKey: (key, bytes, signature) => check('raw', key, [ED25519, ED25519], bytes, signature),
  isByPasskey: ({ alg, key }, bytes, signature) => check('spki', key, alg === 'ES256' ? [P256, ES256] : [ED25519, ED25519], bytes, signature),
}
