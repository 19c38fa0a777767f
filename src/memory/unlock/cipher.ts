import type { EnvelopeCipher } from '../../base/envelope.ts'
import { own, randomBytes } from './bytes.ts'

/** The envelope's cryptography under secret bytes; the handle made of them is not extractable. */
export async function cipherOf(secret: Uint8Array): Promise<EnvelopeCipher> {
  const key = await crypto.subtle.importKey('raw', own(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return {
    random: randomBytes,
    hmac: async (bytes) => new Uint8Array(await crypto.subtle.sign('HMAC', key, own(bytes))),
    async gcm(which, message, nonce, header, bytes) {
      const once = await crypto.subtle.importKey('raw', own(message), 'AES-GCM', false, [which])
      return new Uint8Array(await crypto.subtle[which]({ name: 'AES-GCM', iv: own(nonce), additionalData: own(header) }, once, own(bytes)))
    },
  }
}
