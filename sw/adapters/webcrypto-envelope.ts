import type { EnvelopeCipher } from '../../src/base/envelope.ts'

const buffer = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

export const hmac = async (key: CryptoKey, bytes: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.sign('HMAC', key, buffer(bytes)))

/** WebCrypto under one non-extractable HMAC key. */
export const envelopeCipher = (key: CryptoKey): EnvelopeCipher => ({
  random: (count) => crypto.getRandomValues(new Uint8Array(count)),
  hmac: (bytes) => hmac(key, bytes),
  async gcm(which, message, nonce, header, bytes) {
    const once = await crypto.subtle.importKey('raw', buffer(message), 'AES-GCM', false, [which])
    const algorithm = { name: 'AES-GCM', iv: buffer(nonce), additionalData: buffer(header) }
    return new Uint8Array(await crypto.subtle[which](algorithm, once, buffer(bytes)))
  },
})
