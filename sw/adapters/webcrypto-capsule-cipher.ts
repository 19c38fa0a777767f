/**
 * A rescue capsule: `maestro-capsule-1.` and base64url of salt (16) ‖ iv (12) ‖ AES-256-GCM ciphertext. The key is HKDF-SHA-256 of
 * the code's 130 random bits, so there is nothing a person could choose badly and nothing to stretch.
 */
import { base64UrlToBytes, bytesToBase64Url, concatBytes, utf8ToBytes } from '../../src/base/bytes.ts'
import type { CapsuleCipher } from '../ports/capsule-cipher.ts'

const PREFIX = 'maestro-capsule-1.'
const SALT_BYTES = 16
const IV_BYTES = 12
/** Crockford's letters: none that is taken for another. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const CODE_LETTERS = 26

const makeCode = (): string => Array.from(crypto.getRandomValues(new Uint8Array(CODE_LETTERS)), (byte) => LETTERS[byte & 31]).join('')

const spelled = (code: string): string => (code.match(/.{1,4}/g) ?? []).join('-')

/** As a person might type it back. */
const normal = (code: string): string =>
  code
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')

async function keyOf(code: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey('raw', new Uint8Array(utf8ToBytes(code)), 'HKDF', false, ['deriveKey'])
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info: new Uint8Array(utf8ToBytes(PREFIX)) }
  return crypto.subtle.deriveKey(derivation, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

export const webCryptoCapsuleCipher: CapsuleCipher = {
  async seal(plain) {
    const code = makeCode()
    const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES))
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await keyOf(code, salt), new Uint8Array(plain))
    return { capsule: PREFIX + bytesToBase64Url(concatBytes(salt, iv, new Uint8Array(sealed))), code: spelled(code) }
  },
  async open(capsule, code) {
    const bytes = capsule.startsWith(PREFIX) ? base64UrlToBytes(capsule.slice(PREFIX.length).trim()) : null
    if (!bytes || bytes.length <= SALT_BYTES + IV_BYTES) return null
    const own = new Uint8Array(bytes)
    const key = await keyOf(normal(code), own.slice(0, SALT_BYTES))
    const iv = own.slice(SALT_BYTES, SALT_BYTES + IV_BYTES)
    try {
      return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, own.slice(SALT_BYTES + IV_BYTES)))
    } catch {
      return null
    }
  },
}
