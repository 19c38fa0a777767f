/** The server's certificate of this device's key: asked for when first needed, and anew when half of its time is gone. */
import { bytesToHex } from '../../src/base/bytes.ts'
import { readCompactJws } from '../../src/protocol/compact-jws.ts'
import { DEVICE_TYP, DeviceCertificateSchema } from '../../src/protocol/receipt-token.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import type { DeviceSignerDep } from '../ports/device-signer.ts'
import type { PasskeyServer } from '../ports/passkey-server.ts'
import { proveDeviceKey } from './device-key-proof.ts'
import type { KitHost } from './kit.ts'
import type { Kept, KeptPasskeys } from './passkeys-kept.ts'

export type DeviceCertificates = {
  /** One that still holds. Rejects when there is none and the server gives none now. */
  get(principal: Principal): Promise<NonNullable<Kept['device']>>
}

/** Where the server's ledger keeps this device's name. */
const DEVICE_ID = 'device-id'

/** Whether it says what is needed of it: a certificate that names anybody else would let the back end refuse what this person approved. */
function isOf({ certificate }: { readonly certificate: string }, { tenant, user }: Principal, device: string, key: string): boolean {
  const jws = readCompactJws(certificate)
  const said = v.safeParse(DeviceCertificateSchema, jws?.payload)
  return (
    jws?.typ === DEVICE_TYP &&
    said.success &&
    said.output.tenant === tenant &&
    said.output.user === user &&
    said.output.device === device &&
    said.output.key === key
  )
}

type Deps = DeviceSignerDep & Pick<KitHost, 'secrets' | 'time' | 'token'> & { readonly kept: KeptPasskeys; readonly server: PasskeyServer }

export function createDeviceCertificates({ signer, secrets, time, token, kept, server }: Deps): DeviceCertificates {
  const asking = new Map<string, Promise<NonNullable<Kept['device']>>>()

  async function ask(principal: Principal, device: string, key: string): Promise<NonNullable<Kept['device']>> {
    const bearer = await token(principal)
    const said = bearer === null ? null : await server.certifyDevice(device, key, bearer, await proveDeviceKey(signer, principal, device))
    if (!said?.ok) throw new Error(`the server certifies no device now (${said?.error.code ?? 'no token'})`)
    const certified = { key, device, certificate: said.value.certificate, issued: time.now(), expires: said.value.expires }
    if (!isOf(certified, principal, device, key)) throw new Error('the server certified somebody else, or another key')
    await kept.keep(principal, { device: certified })
    return certified
  }

  return {
    async get(principal) {
      const [id, key, { device: there }] = await Promise.all([secrets.get(DEVICE_ID), signer.publicKey(), kept.load(principal)])
      if (!(id instanceof Uint8Array)) throw new Error('this device has no name yet')
      const device = bytesToHex(id)
      const isOurs = there && isOf(there, principal, device, key)
      if (isOurs && time.now() < (there.issued + there.expires) / 2) return there
      const name = JSON.stringify(principal)
      const answer = asking.get(name) ?? ask(principal, device, key).finally(() => asking.delete(name))
      asking.set(name, answer)
      return answer.catch((error: unknown) => {
        if (isOurs && time.now() < there.expires) return there
        throw error
      })
    },
  }
}
