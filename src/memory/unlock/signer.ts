/** The Ed25519 key that a root's bytes give: it signs the account's unlockers, and no handle on the root can make it. */
import { base64UrlToBytes, bytesToBase64Url, concatBytes, utf8ToBytes } from '../../base/bytes.ts'
import { endorsementBytes, type VerifySignature } from '../../protocol/account.ts'
import { own, sha256 } from './bytes.ts'

/** RFC 8410: what stands before the 32 bytes of a seed in PKCS#8. */
const PKCS8 = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32)

export type Signer = { readonly public: string; sign(bytes: Uint8Array): Promise<string> }

export async function signerOf(root: Uint8Array): Promise<Signer> {
  const seed = await sha256(concatBytes(utf8ToBytes('maestro/signer-seed/1'), root))
  const key = await crypto.subtle.importKey('pkcs8', own(concatBytes(PKCS8, seed)), 'Ed25519', true, ['sign'])
  const { x = '' } = await crypto.subtle.exportKey('jwk', key)
  return { public: x, sign: async (bytes) => bytesToBase64Url(new Uint8Array(await crypto.subtle.sign('Ed25519', key, own(bytes)))) }
}

export const verifyEd25519: VerifySignature = async (publicKey, signature, bytes) => {
  const [raw, signed] = [publicKey, signature].map(base64UrlToBytes)
  if (!raw || !signed) return false
  const key = await crypto.subtle.importKey('raw', own(raw), 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', key, own(signed), own(bytes))
}

export const endorse = (old: Signer, generation: number, next: Signer): Promise<string> => old.sign(endorsementBytes(generation, next.public))
