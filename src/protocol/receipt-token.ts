/**
 * What an app's back end is shown: the receipt of a request as a statement signed by the device, with the server's certificates of the device
 * and, where the person proved who they are, of their passkey. Times are epoch milliseconds, digests SHA-256 in hex.
 */
import type { Json, JsonObject } from '../base/json.ts'
import { digestJson } from '../base/digest.ts'
import { KeySchema } from './idempotency-key.ts'
import * as v from './schema.ts'
import { LANES } from './views.ts'
import { AssertionSchema } from './webauthn.ts'

/** Each kind of statement names itself in the JWS header `typ`, so that a signature over one never passes for another. */
export const RECEIPT_TYP = 'maestro-receipt+jws'
export const DEVICE_TYP = 'maestro-device+jws'
export const PASSKEY_TYP = 'maestro-passkey+jws'

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(255))
const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
/** Parts of a millisecond occur: a clock that nobody sets has them. */
const time = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
const jws = v.pipe(v.string(), v.maxLength(4096))

/** By the server: this device signs with this raw Ed25519 key (base64url). `principal` is the subject of access tokens, `user` what receipts call them. */
export const DeviceCertificateSchema = v.strictObject({
  v: v.literal(1),
  tenant: name,
  principal: name,
  user: name,
  device: name,
  key: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
  issued: time,
  expires: time,
})
export type DeviceCertificate = v.InferOutput<typeof DeviceCertificateSchema>

/** By the server: this passkey is this person's. `key` is a SubjectPublicKeyInfo, base64url; `rp` the host that it is for. */
export const PasskeyCertificateSchema = v.strictObject({
  v: v.literal(1),
  tenant: name,
  principal: name,
  user: name,
  id: v.pipe(v.string(), v.maxLength(1400), v.regex(/^[\w-]+$/)),
  alg: v.picklist(['ES256', 'EdDSA']),
  key: v.pipe(v.string(), v.maxLength(256), v.regex(/^[\w-]+$/)),
  rp: name,
  issued: time,
  expires: time,
})
export type PasskeyCertificate = v.InferOutput<typeof PasskeyCertificateSchema>

export const ReceiptTokenSchema = v.strictObject({
  v: v.literal(1),
  tenant: name,
  principal: name,
  device: name,
  origin: name,
  agent: v.nullable(name),
  action: name,
  version: time,
  policy_digest: hex,
  seq: time,
  nonce: name,
  issued: time,
  expires: time,
  key: KeySchema,
  params_digest: hex,
  call_digest: hex,
  lane: v.picklist(LANES),
  /** When a person approved, and who; `null` where nobody was asked. */
  approved_at: v.nullable(time),
  approver: v.nullable(name),
  user_verified: v.boolean(),
  certificate: jws,
  assertion: v.optional(v.strictObject({ ...AssertionSchema.entries, certificate: jws })),
})
export type ReceiptToken = v.InferOutput<typeof ReceiptTokenSchema>

/** What a key's parameters are known by. */
export const paramsDigestOf = (action: string, version: number, params: Json): string => digestJson({ action, version, params })

/** The digest of the canonical call that a token and a request's parameters make: what the person saw, and what their passkey signed. */
export const callDigestOf = (token: ReceiptToken, params: JsonObject): string => {
  const { tenant, principal, origin, agent, action, version, policy_digest: policy, seq, nonce, issued, expires } = token
  return digestJson({ v: 1, tenant, principal, origin, agent, action, version, params, policy, seq, nonce, issued, expires })
}
