/**
 * A WebAuthn assertion as far as it can be judged without a key (WebAuthn Level 3, section 7.2): what it is for, where it was made, and that
 * the person was there and verified. Counters are not compared: synced passkeys do not count.
 */
import { base64UrlToBytes, bytesToBase64Url, bytesToHex, bytesToUtf8, concatBytes, hexToBytes, utf8ToBytes } from '../base/bytes.ts'
import { digestBytes } from '../base/digest.ts'
import * as v from './schema.ts'

const text = (charsMax: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(charsMax), v.regex(/^[\w-]+$/))

/** What `navigator.credentials.get` gave, each part base64url. */
export const AssertionSchema = v.strictObject({
  credential: text(1400),
  authenticatorData: text(1024),
  clientDataJSON: text(2048),
  signature: text(256),
})
export type Assertion = v.InferOutput<typeof AssertionSchema>

const ClientDataSchema = v.looseObject({
  type: v.string(),
  challenge: v.string(),
  origin: v.string(),
  crossOrigin: v.optional(v.boolean()),
  topOrigin: v.optional(v.string()),
})

export type CeremonyCode =
  | 'ASSERTION_MALFORMED'
  | 'ASSERTION_TYPE'
  | 'ASSERTION_CHALLENGE'
  | 'ASSERTION_ORIGIN'
  | 'ASSERTION_RP'
  | 'USER_ABSENT'
  | 'USER_UNVERIFIED'

export type Ceremony = {
  readonly type: 'webauthn.get' | 'webauthn.create'
  /** Hex; `null` where nothing depends on it. */
  readonly challenge: string | null
  readonly origin: string
  readonly rp: string
}

const USER_PRESENT = 0x01
const USER_VERIFIED = 0x04
const RP_HASH_BYTES = 32
const FLAGS_AT = 32
const DATA_BYTES_MIN = 37

const clientDataOf = (bytes: Uint8Array): v.InferOutput<typeof ClientDataSchema> | null => {
  try {
    const parsed = v.safeParse(ClientDataSchema, JSON.parse(bytesToUtf8(bytes) ?? ''))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

/** What is wrong with a ceremony, or `null`. */
export function ceremonyFault(authenticatorData: Uint8Array, clientDataJSON: Uint8Array, expected: Ceremony): CeremonyCode | null {
  const client = clientDataOf(clientDataJSON)
  if (!client || authenticatorData.length < DATA_BYTES_MIN) return 'ASSERTION_MALFORMED'
  if (client.type !== expected.type) return 'ASSERTION_TYPE'
  if (expected.challenge !== null && client.challenge !== bytesToBase64Url(hexToBytes(expected.challenge))) return 'ASSERTION_CHALLENGE'
  if (client.origin !== expected.origin || client.crossOrigin === true || client.topOrigin !== undefined) return 'ASSERTION_ORIGIN'
  if (bytesToHex(authenticatorData.subarray(0, RP_HASH_BYTES)) !== digestBytes(utf8ToBytes(expected.rp))) return 'ASSERTION_RP'
  const flags = authenticatorData[FLAGS_AT] ?? 0
  if ((flags & USER_PRESENT) === 0) return 'USER_ABSENT'
  return (flags & USER_VERIFIED) === 0 ? 'USER_UNVERIFIED' : null
}

/** What an assertion's signature must be over and the signature as WebCrypto takes it; or what is wrong with it. */
export function readAssertion(
  assertion: Assertion,
  alg: 'ES256' | 'EdDSA',
  expected: Omit<Ceremony, 'type'>,
): { readonly signed: Uint8Array; readonly signature: Uint8Array } | { readonly fault: CeremonyCode } {
  const data = base64UrlToBytes(assertion.authenticatorData)
  const client = base64UrlToBytes(assertion.clientDataJSON)
  const given = base64UrlToBytes(assertion.signature)
  const signature = given && (alg === 'ES256' ? rawEcdsa(given) : given)
  if (!data || !client || signature?.length !== 64) return { fault: 'ASSERTION_MALFORMED' }
  const fault = ceremonyFault(data, client, { ...expected, type: 'webauthn.get' })
  return fault ? { fault } : { signed: concatBytes(data, hexToBytes(digestBytes(client))), signature }
}

/** r ‖ s of a P-256 signature that came as strict DER (SEC 1, C.8), or `null`. */
function rawEcdsa(der: Uint8Array): Uint8Array | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) return null
  const raw = new Uint8Array(64)
  let at = 2
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0
    const number = der.subarray(at + 2, at + 2 + length)
    const isPadded = number[0] === 0
    if (der[at] !== 0x02 || number.length !== length || length === 0 || ((number[0] ?? 0) & 0x80) !== 0) return null
    if (isPadded && ((number[1] ?? 0) & 0x80) === 0) return null
    const plain = isPadded ? number.subarray(1) : number
    if (plain.length > 32) return null
    raw.set(plain, end - plain.length)
    at += 2 + length
  }
  return at === der.length ? raw : null
}
