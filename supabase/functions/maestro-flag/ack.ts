import { compactVerify, importJWK } from 'jose'
import type postgres from 'postgres'
import * as v from 'valibot'
import { answer, refuse } from '../_shared/answer.ts'
import { inRole } from '../_shared/in-role.ts'
import { LIMITS } from '../_shared/limits.ts'
import type { AckBrake } from './ack-brake.ts'
import { ACTIONS } from './terms.ts'

const ACK_TYP = 'maestro-kill-applied+jws'

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(128))
const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(8_640_000_000_000_000))

/** What a device signs: the version that it put in force, and when, by its own clock. */
const StatementSchema = v.strictObject({
  v: v.literal(1),
  kind: v.literal('kill.applied'),
  tenant: name,
  device: name,
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  state: v.picklist(ACTIONS),
  received: time,
  effective: time,
})

export const AckSchema = v.strictObject({ ack: v.pipe(v.string(), v.maxLength(LIMITS.killDocumentBytesMax), v.regex(/^[\w-]+\.[\w-]+\.[\w-]{86}$/)) })

const said = (jws: string): unknown => {
  try {
    const [, body = ''] = jws.split('.')
    return JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/')))
  } catch {
    return null
  }
}

const isSignedBy = async (jws: string, key: string): Promise<boolean> =>
  compactVerify(jws, await importJWK({ kty: 'OKP', crv: 'Ed25519', x: key }, 'EdDSA'), { algorithms: ['EdDSA'] }).then(
    ({ protectedHeader }) => protectedHeader.typ === ACK_TYP,
    () => false,
  )

/** A stranger learns nothing: neither which devices there are, nor whose key it should have been. */
const unknown = (): Response => refuse(404, 'DEVICE_UNKNOWN', 'No key that is registered for this device signed this.')

/** Keeps a device's statement. No token: a device that is off has only its key, and its signature says whose it is. */
export const takeAck = async (sql: postgres.Sql, brake: AckBrake, jws: string): Promise<Response> => {
  const parsed = v.safeParse(StatementSchema, said(jws))
  if (!parsed.success) return refuse(400, 'ACK_INVALID', 'This is no statement about a kill document.')
  const { tenant, device, version, state, received, effective } = parsed.output
  const name = `${tenant}\n${device}`
  const waitS = brake.before(name)
  if (waitS > 0) return refuse(429, 'RATE_LIMITED', 'Too many requests.', { 'retry-after': String(waitS) })
  const [known] = await inRole(sql, { role: 'service_role' }, (tx) => [tx`select public.maestro_device_key_holders(${tenant}, ${device}) as holders`])
  const holders = Object.entries(v.parse(v.record(v.string(), v.string()), known?.[0]?.['holders']))
  const signed = await Promise.all(holders.map(async ([principal, key]) => ((await isSignedBy(jws, key)) ? [principal] : [])))
  const principals = signed.flat()
  if (principals.length === 0) return unknown()
  brake.proven(name)
  const [noted] = await inRole(sql, { role: 'service_role' }, (tx) => [
    tx`select public.maestro_note_kill_ack(${tenant}, ${principals}::text[], ${device}, ${version}, ${state}, ${new Date(received).toISOString()},
      ${new Date(effective).toISOString()}, ${jws}) as noted`,
  ])
  return noted?.[0]?.['noted'] === true ? answer(200, { acknowledged: version }) : refuse(404, 'VERSION_UNKNOWN', 'There is no such version.')
}
