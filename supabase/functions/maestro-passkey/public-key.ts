import { bytesOf } from './ceremony.ts'

export type PublicKey = { readonly alg: 'ES256' | 'EdDSA'; readonly key: string }

type Bytes = Uint8Array<ArrayBuffer>

const importKey = ({ alg, key }: PublicKey): Promise<CryptoKey> =>
  crypto.subtle.importKey(
    'spki',
    bytesOf(key) ?? new Uint8Array(),
    alg === 'ES256' ? { name: 'ECDSA', namedCurve: 'P-256' } : { name: 'Ed25519' },
    false,
    ['verify'],
  )

/** Whether it is a key of its algorithm. */
export const isPublicKey = (key: PublicKey): Promise<boolean> =>
  importKey(key).then(
    () => true,
    () => false,
  )

/** r ‖ s of a P-256 signature as authenticators write it (DER); what is no such signature verifies as nothing. */
const rawOf = (der: Bytes): Bytes => {
  const raw = new Uint8Array(64)
  let at = 2
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0
    const number = der.subarray(at + 2, at + 2 + length)
    const plain = number[0] === 0 ? number.subarray(1) : number
    if (plain.length > 32) return new Uint8Array()
    raw.set(plain, end - plain.length)
    at += 2 + length
  }
  return at === der.length ? raw : new Uint8Array()
}

/** Whether the key signed the bytes, as an authenticator signs. */
export const isSignedBy = async (key: PublicKey, bytes: Bytes, signature: Bytes): Promise<boolean> => {
  try {
    const imported = await importKey(key)
    return key.alg === 'ES256'
      ? await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, rawOf(signature), bytes)
      : await crypto.subtle.verify('Ed25519', imported, signature, bytes)
  } catch {
    return false
  }
}
