/** That this device holds the key it asks the server to certify: the key signs for whom it is, so that it serves for nobody else and no other device. */
import { bytesToBase64Url, utf8ToBytes } from '../../src/base/bytes.ts'
import { unsignedJws } from '../../src/protocol/compact-jws.ts'
import type { Principal } from '../../src/protocol/views.ts'
import type { DeviceSigner } from '../ports/device-signer.ts'

const TYP = 'maestro-device-key+jws'

/** A compact JWS. Rejects as the signer does. */
export async function proveDeviceKey(signer: DeviceSigner, { tenant, user }: Principal, device: string): Promise<string> {
  const unsigned = unsignedJws(TYP, { v: 1, tenant, principal: user, device, key: await signer.publicKey() })
  return `${unsigned}.${bytesToBase64Url(await signer.sign(utf8ToBytes(unsigned)))}`
}
