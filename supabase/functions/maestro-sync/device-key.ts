import { compactVerify, importJWK } from 'jose'
import type postgres from 'postgres'
import * as v from 'valibot'
import type { Caller } from '../_shared/caller.ts'
import { inRole } from '../_shared/in-role.ts'
import type { SigningKey } from '../_shared/signing-key.ts'

/** What a device's certificate is, in the JWS header `typ`. */
const DEVICE_TYP = 'maestro-device+jws'

/** Milliseconds a certificate holds: back ends check it offline, so this is how long a device that was struck off goes on being believed. */
const LIFETIME_MS = 7 * 86_400_000

/** A device, its raw Ed25519 public key (base64url), and what shows that it has the private one. */
export const DeviceKeySchema = v.object({
  device_id: v.pipe(v.string(), v.regex(/^[\w-]{1,128}$/)),
  public_key: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
  /** That the key is the caller's own: its signature, for exactly this device of this person. */
  proof: v.pipe(v.string(), v.maxLength(2048), v.regex(/^[\w-]+\.[\w-]+\.[\w-]{86}$/)),
})

/** What the proof is, in the JWS header `typ`. */
const PROOF_TYP = 'maestro-device-key+jws'

/** Whether the key itself signed that it is this device's of this person: nobody registers a key that they have only seen, nor one for somebody else. */
export const isProven = async (
  { tenant, account }: Caller,
  { device_id: device, public_key: key, proof }: v.InferOutput<typeof DeviceKeySchema>,
): Promise<boolean> => {
  const claims = v.strictObject({
    v: v.literal(1),
    tenant: v.literal(tenant),
    principal: v.literal(account),
    device: v.literal(device),
    key: v.literal(key),
  })
  try {
    const { payload, protectedHeader } = await compactVerify(proof, await importJWK({ kty: 'OKP', crv: 'Ed25519', x: key }, 'EdDSA'), {
      algorithms: ['EdDSA'],
    })
    return protectedHeader.typ === PROOF_TYP && v.is(v.pipe(v.string(), v.parseJson(), claims), new TextDecoder().decode(payload))
  } catch {
    return false
  }
}

/** The server's word that this device of the caller signs with this key. */
export const signDeviceCertificate = async (
  caller: Caller,
  key: SigningKey,
  device: string,
  publicKey: string,
): Promise<{ readonly certificate: string; readonly expires: number }> => {
  const issued = Date.now()
  const expires = issued + LIFETIME_MS
  const claims = { v: 1, tenant: caller.tenant, principal: caller.principal, user: caller.account, device, key: publicKey, issued, expires }
  return { certificate: await key.sign(DEVICE_TYP, claims), expires }
}

/**
 * Keeps a device's public key as the caller's and certifies it. A device that comes with another key than before has lost the old one: the new
 * one takes its place. Null when the device or its key was struck off. Whether the caller holds the key is for `isProven` to say, before.
 */
export const certifyDevice = async (
  sql: postgres.Sql,
  caller: Caller,
  key: SigningKey,
  { device_id: device, public_key: publicKey }: v.InferOutput<typeof DeviceKeySchema>,
): Promise<{ readonly certificate: string; readonly expires: number } | null> => {
  const [kept] = await inRole(sql, { role: 'authenticated', caller }, (tx) => [
    tx`select public.maestro_register_device_key(${device}, ${publicKey}) as registered`,
  ])
  return kept?.[0]?.['registered'] === true ? signDeviceCertificate(caller, key, device, publicKey) : null
}
