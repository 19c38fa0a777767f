import { compactVerify, importJWK } from 'jose'
import type postgres from 'postgres'
import * as v from 'valibot'
import { answer, refuse } from '../_shared/answer.ts'
import type { Caller } from '../_shared/caller.ts'
import { inRole } from '../_shared/in-role.ts'
import { LIMITS } from '../_shared/limits.ts'
import type { SigningKey } from '../_shared/signing-key.ts'
import { DeviceKeySchema, signDeviceCertificate } from './device-key.ts'
import { AuditItemSchema } from './schema.ts'

/** What a device's head and our counter-signature are, in the JWS header `typ`. */
const HEAD_TYP = 'maestro-device-head+jws'
const SEEN_TYP = 'maestro-device-head-seen+jws'

/** Characters of a head as a compact JWS: names of at most 255 characters and numbers. */
const HEAD_CHARS_MAX = 4096

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(255))
const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** What a device signs of its chain; `principal` is the person's name as receipts have it, `at` the device's clock. */
const HeadSchema = v.strictObject({
  v: v.literal(1),
  tenant: name,
  principal: name,
  device: DeviceKeySchema.entries.device_id,
  seq,
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  at: v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER)),
})

export const HeadBodySchema = v.strictObject({
  tenant_id: name,
  head: v.pipe(v.string(), v.maxLength(HEAD_CHARS_MAX), v.regex(/^[\w-]+\.[\w-]+\.[\w-]{86}$/)),
  /** The chain up to the head, as far as it is not here. */
  entries: v.optional(v.pipe(v.array(AuditItemSchema), v.maxLength(LIMITS.batchItemsMax)), []),
})

/** Why a head was not kept; all but the last are final for this head. */
const REFUSALS = {
  DEVICE_REFUSED: 'This key is not the device’s any more.',
  HEAD_OLD: 'A newer head of this device was counter-signed.',
  HEAD_FORK: 'This is another chain than the one that this device has told before.',
  HEAD_AHEAD: 'The entries before this head are not here yet: send them with it.',
} as const

const KeptSchema = v.union([
  v.object({ kept: v.object({ head: v.string(), seen: v.string(), certificate: v.string() }) }),
  v.looseObject({ code: v.picklist(Object.keys(REFUSALS) as (keyof typeof REFUSALS)[]) }),
])

const said = (jws: string): unknown => {
  try {
    const [, body = ''] = jws.split('.')
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(body.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))))
  } catch {
    return null
  }
}

const isSignedBy = async (jws: string, key: string): Promise<boolean> =>
  compactVerify(jws, await importJWK({ kty: 'OKP', crv: 'Ed25519', x: key }, 'EdDSA'), { algorithms: ['EdDSA'] }).then(
    ({ protectedHeader }) => protectedHeader.typ === HEAD_TYP && Object.keys(protectedHeader).length === 2,
    () => false,
  )

/** Counter-signs a head that its device signed and that continues what is here of its chain; a repeat gets what the first one got. */
export const keepHead = async (
  sql: postgres.Sql,
  caller: Caller,
  key: SigningKey,
  { head: jws, entries }: v.InferOutput<typeof HeadBodySchema>,
): Promise<Response> => {
  const parsed = v.safeParse(HeadSchema, said(jws))
  if (!parsed.success) return refuse(400, 'HEAD_INVALID', 'This is no head of an audit chain.')
  const { tenant, principal: account, device, seq: place, hash } = parsed.output
  if (tenant !== caller.tenant || account !== caller.account) return refuse(403, 'HEAD_OTHER', 'This head is another person’s.')
  const [known] = await inRole(sql, { role: 'authenticated', caller }, (tx) => [
    tx`select public_key from public.maestro_device_keys where device_id = ${device} and revoked_at is null`,
  ])
  const publicKey: unknown = known?.[0]?.['public_key']
  if (typeof publicKey !== 'string') return refuse(403, 'DEVICE_UNKNOWN', 'This device’s key is not registered.')
  if (!(await isSignedBy(jws, publicKey))) return refuse(403, 'SIGNATURE_WRONG', 'This is not the device’s signature.')
  const { certificate } = await signDeviceCertificate(caller, key, device, publicKey)
  // Signed before it is known whether it may be: what the database does not keep is shown to nobody.
  const seen = await key.sign(SEEN_TYP, {
    v: 1,
    tenant,
    principal: caller.principal,
    device,
    key: publicKey,
    seq: place,
    hash,
    seen: Date.now(),
  })
  const [rows] = await inRole(sql, { role: 'service_role' }, (tx) => [
    tx`select public.maestro_keep_head(${tenant}, ${caller.principal}, ${device}, ${publicKey}, ${String(place)}::bigint, ${hash},
      ${JSON.stringify(entries)}::text::jsonb, ${jws}, ${seen}, ${certificate}) as answer`,
  ])
  const outcome = v.parse(KeptSchema, rows?.[0]?.['answer'])
  if ('kept' in outcome) return answer(200, outcome.kept)
  return answer(outcome.code === 'DEVICE_REFUSED' ? 403 : 409, { ...outcome, message: REFUSALS[outcome.code] })
}

const ShowSchema = v.object({
  device_id: DeviceKeySchema.entries.device_id,
  covers: v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,14}$/))),
})

/** What is kept of one of the caller's devices: how far its chain is here, its newest signed head, and the first one that covers a place. */
export const showHeads = async (sql: postgres.Sql, caller: Caller, query: Readonly<Record<string, string>>): Promise<Response> => {
  const asked = v.safeParse(ShowSchema, query)
  if (!asked.success) return refuse(400, 'QUERY_INVALID', 'Give device_id, and covers as a number if at all.')
  const { device_id: device, covers } = asked.output
  const [rows] = await inRole(sql, { role: 'service_role' }, (tx) => [
    tx`select public.maestro_show_heads(${caller.tenant}, ${caller.principal}, ${device}, ${covers ?? null}::bigint) as answer`,
  ])
  return answer(200, rows?.[0]?.['answer'])
}
