/**
 * The statements about the end of a device's chain, each a compact JWS (EdDSA) that names its kind in `typ`. Times are epoch milliseconds.
 *
 * The device signs what its chain says; the server, which holds the chain up to there, signs that it saw it and promises to show nothing older
 * or other again; its certificate says whose the device's key is.
 */
import { DEVICE_TYP, DeviceCertificateSchema, type DeviceCertificate } from '../protocol/receipt-token.ts'
import { readCompactJws, type CompactJws } from '../protocol/compact-jws.ts'
import { err, ok, type Result } from '../base/result.ts'
import * as v from '../protocol/schema.ts'

export const HEAD_TYP = 'maestro-device-head+jws'
export const SEEN_TYP = 'maestro-device-head-seen+jws'

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(255))
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const time = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
const key = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))
const jws = v.pipe(v.string(), v.maxLength(4096))

/** By the device. `principal` is the person's name as receipts have it; `at` is the device's clock. */
const HeadSchema = v.strictObject({ v: v.literal(1), tenant: name, principal: name, device: name, seq, hash, at: time })
export type Head = v.InferOutput<typeof HeadSchema>

/** By the server, at `seen`: this head, signed with this key (raw Ed25519, base64url), continues what it has of the device. */
const SeenSchema = v.strictObject({ v: v.literal(1), tenant: name, principal: name, device: name, key, seq, hash, seen: time })

/** The three statements as they are stored, sent and handed over. */
export const SignedHeadSchema = v.strictObject({ head: jws, seen: jws, certificate: jws })
export type SignedHead = v.InferOutput<typeof SignedHeadSchema>

/** The server's public key (raw Ed25519, base64url) under its name. */
export type ServerKey = { readonly kid: string; readonly x: string }

/** Whether a raw Ed25519 key (base64url) signed the bytes; never rejects. */
export type IsByKey = (key: string, bytes: Uint8Array, signature: Uint8Array) => Promise<boolean>

export type HeadFault =
  | 'HEAD_MALFORMED'
  | 'SERVER_UNKNOWN'
  | 'CERTIFICATE_FORGED'
  | 'CERTIFICATE_OTHER'
  | 'CERTIFICATE_ENDED'
  | 'HEAD_FORGED'
  | 'COUNTERSIGNATURE_FORGED'
  | 'COUNTERSIGNATURE_OTHER'

/** How far two honest clocks of one server may be apart. */
const SKEW_MS = 5 * 60_000

type Said<T> = { readonly jws: CompactJws; readonly claims: T }

function read<S extends v.GenericSchema>(text: string, typ: string, schema: S): Said<v.InferOutput<S>> | null {
  const found = readCompactJws(text)
  const parsed = v.safeParse(schema, found?.payload)
  return found?.typ === typ && parsed.success ? { jws: found, claims: parsed.output } : null
}

/** What a head says, before anything is believed. */
export const readHead = (text: string): Head | null => read(text, HEAD_TYP, HeadSchema)?.claims ?? null

/** Which statement is forged, in the order they are checked. */
const FORGED = ['CERTIFICATE_FORGED', 'HEAD_FORGED', 'COUNTERSIGNATURE_FORGED'] as const

/** Whether the server's word is about this head, signed with this certificate's key. */
const isOf = (seen: v.InferOutput<typeof SeenSchema>, head: Head, owner: DeviceCertificate): boolean =>
  isSame(head, seen) && seen.principal === owner.principal && seen.key === owner.key && seen.seq === head.seq && seen.hash === head.hash

const isSame = (head: Head, other: Pick<DeviceCertificate, 'tenant' | 'device'>): boolean =>
  head.tenant === other.tenant && head.device === other.device

/** What the three statements prove together, once they are all signed. */
export type ProvenHead = Head & {
  /** When the server saw it, by its clock. */
  readonly seen: number
  /** The name of the server's key. */
  readonly kid: string
}

/** Checks all three statements and that they speak of the same device, person and head; gives the head, or the first fault. */
export function verifySignedHead(signed: SignedHead, keys: readonly ServerKey[], isByKey: IsByKey): Promise<Result<ProvenHead, HeadFault>> {
  const head = read(signed.head, HEAD_TYP, HeadSchema)
  const seen = read(signed.seen, SEEN_TYP, SeenSchema)
  const certificate = read(signed.certificate, DEVICE_TYP, DeviceCertificateSchema)
  // A device names no server's key.
  if (!head || !seen || !certificate || head.jws.kid !== undefined) return Promise.resolve(err('HEAD_MALFORMED'))
  const { kid = '' } = seen.jws
  const by = (named: string | undefined): string | undefined => keys.find((one) => one.kid === named)?.x
  const certifier = by(certificate.jws.kid)
  const witness = by(kid)
  if (certifier === undefined || witness === undefined) return Promise.resolve(err('SERVER_UNKNOWN'))
  const owner = certificate.claims
  const isSigned = (key: string, { jws }: Said<unknown>): Promise<boolean> => isByKey(key, jws.signed, jws.signature)
  return Promise.all([isSigned(certifier, certificate), isSigned(owner.key, head), isSigned(witness, seen)]).then((said) => {
    const forged = FORGED[said.indexOf(false)]
    if (forged) return err(forged)
    if (!isSame(head.claims, owner) || head.claims.principal !== owner.user) return err('CERTIFICATE_OTHER')
    if (!isOf(seen.claims, head.claims, owner)) return err('COUNTERSIGNATURE_OTHER')
    if (seen.claims.seen < owner.issued - SKEW_MS || seen.claims.seen > owner.expires) return err('CERTIFICATE_ENDED')
    return ok({ ...head.claims, seen: seen.claims.seen, kid })
  })
}
