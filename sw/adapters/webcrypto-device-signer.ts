/** The device's signature over WebCrypto and `maestro_secrets`: a non-extractable Ed25519 key. */
import { bytesToBase64Url } from '../../src/base/bytes.ts'
import type { DeviceSigner } from '../ports/device-signer.ts'
import type { SecretsDatabase } from './secrets-database.ts'

const NAME = 'signer/1'

const isPair = (value: unknown): value is CryptoKeyPair =>
  typeof value === 'object' &&
  value !== null &&
  (value as Partial<CryptoKeyPair>).privateKey instanceof CryptoKey &&
  (value as Partial<CryptoKeyPair>).publicKey instanceof CryptoKey

/** One key per device: of two workers that begin at once (an update beside the old one) the second finds the first one's key. */
const openOrMake = (database: SecretsDatabase): Promise<CryptoKeyPair> =>
  navigator.locks.request('maestro-device-signer', async () => {
    const kept = await database.get(NAME)
    if (isPair(kept)) return kept
    await database.set(NAME, await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']))
    const made = await database.get(NAME)
    if (!isPair(made)) throw new Error('the device key was not kept')
    return made
  })

export function createDeviceSigner(database: SecretsDatabase): DeviceSigner {
  let opening: Promise<CryptoKeyPair> | null = null

  const pair = (): Promise<CryptoKeyPair> => {
    opening ??= openOrMake(database)
    opening.catch(() => {
      opening = null
    })
    return opening
  }

  database.onLost(() => {
    opening = null
  })

  return {
    publicKey: async () => bytesToBase64Url(new Uint8Array(await crypto.subtle.exportKey('raw', (await pair()).publicKey))),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', (await pair()).privateKey, new Uint8Array(bytes))),
  }
}
