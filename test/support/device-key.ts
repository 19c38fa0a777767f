import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { bytesToBase64Url, utf8ToBytes } from '../../src/base/bytes.ts'
import { proveDeviceKey } from '../../sw/runtime/device-key-proof.ts'
import type { DeviceSigner } from '../../sw/ports/device-signer.ts'

export type DeviceKey = { readonly key: string; readonly privateKey: KeyObject; readonly signer: DeviceSigner }

/** A key as a device has one. */
export function deviceKey(): DeviceKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = String(publicKey.export({ format: 'jwk' }).x)
  return { key, privateKey, signer: { publicKey: async () => key, sign: async (bytes) => new Uint8Array(sign(null, bytes, privateKey)) } }
}

type Person = { readonly tenant?: string; readonly user?: string }

/** The body by which a device registers its key, as a worker makes it. */
export const registration = async (
  device: string,
  { signer }: { readonly signer: DeviceSigner },
  { tenant = 'demo', user = 'principal-1' }: Person = {},
): Promise<{ readonly device_id: string; readonly public_key: string; readonly proof: string }> => ({
  device_id: device,
  public_key: await signer.publicKey(),
  proof: await proveDeviceKey(signer, { tenant, user }, device),
})

/** A statement of any kind, signed by the key. */
export const signedBy = async ({ signer }: { readonly signer: DeviceSigner }, header: object, claims: object): Promise<string> => {
  const unsigned = [header, claims].map((part) => bytesToBase64Url(utf8ToBytes(JSON.stringify(part)))).join('.')
  return `${unsigned}.${bytesToBase64Url(await signer.sign(utf8ToBytes(unsigned)))}`
}
