/** Signatures by WebCrypto alone, so that it runs in Node, Deno and at the edge alike. A key that cannot be imported has signed nothing. */
import { base64UrlToBytes } from '../base/bytes.ts'
import type { PasskeyCertificate } from '../protocol/receipt-token.ts'

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

/** Whether a raw Ed25519 key (base64url) signed the bytes. */
export async function isSignedBy(key: string, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey('raw', own(base64UrlToBytes(key) ?? new Uint8Array()), 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', imported, own(signature), own(bytes))
  } catch {
    return false
  }
}

/** Whether a passkey signed the bytes; `signature` as WebCrypto takes it (r ‖ s for ES256). */
export async function isSignedByPasskey({ alg, key }: PasskeyCertificate, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const [imports, verifies] =
      alg === 'ES256'
        ? [
            { name: 'ECDSA', namedCurve: 'P-256' },
            { name: 'ECDSA', hash: 'SHA-256' },
          ]
        : [{ name: 'Ed25519' }, { name: 'Ed25519' }]
    const imported = await crypto.subtle.importKey('spki', own(base64UrlToBytes(key) ?? new Uint8Array()), imports, false, ['verify'])
    return await crypto.subtle.verify(verifies, imported, own(signature), own(bytes))
  } catch {
    return false
  }
}
