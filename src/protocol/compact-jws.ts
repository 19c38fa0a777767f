/** Compact JWS (RFC 7515), read without believing it: no signature is checked here. */
import { base64UrlToBytes, bytesToBase64Url, bytesToUtf8, utf8ToBytes } from '../base/bytes.ts'
import { canonical } from '../base/canonical.ts'
import type { JsonObject } from '../base/json.ts'
import * as v from './schema.ts'

/** Longer than any statement of ours; also bounds what a stranger can make us parse. */
const CHARS_MAX = 16 * 1024

const HeaderSchema = v.strictObject({ alg: v.literal('EdDSA'), typ: v.string(), kid: v.optional(v.string()) })

export type CompactJws = {
  readonly typ: string
  readonly kid: string | undefined
  readonly payload: unknown
  /** The payload as it was written. */
  readonly text: string
  /** The bytes that the signature is over. */
  readonly signed: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array
}

const jsonOf = (part: string): { readonly value: unknown; readonly text: string } | null => {
  const bytes = base64UrlToBytes(part)
  const text = bytes && bytesToBase64Url(bytes) === part ? bytesToUtf8(bytes) : null
  if (text === null) return null
  try {
    return { value: JSON.parse(text), text }
  } catch {
    return null
  }
}

/** Its parts, or `null` when it is no Ed25519 statement: another algorithm, an unknown header (`crit`, `jwk`, `b64`), a text that is not what it encodes. */
export function readCompactJws(token: string): CompactJws | null {
  if (token.length > CHARS_MAX) return null
  const [head, body, tail, ...more] = token.split('.')
  if (head === undefined || body === undefined || tail === undefined || more.length > 0) return null
  const header = v.safeParse(HeaderSchema, jsonOf(head)?.value)
  const payload = jsonOf(body)
  const signature = base64UrlToBytes(tail)
  if (!header.success || !payload || signature?.length !== 64 || bytesToBase64Url(signature) !== tail) return null
  const { typ, kid } = header.output
  return { typ, kid, payload: payload.value, text: payload.text, signed: utf8ToBytes(`${head}.${body}`), signature }
}

/** The part of a statement that is signed; the signature's base64url is appended after a dot. */
export const unsignedJws = (typ: string, payload: JsonObject): string =>
  [{ alg: 'EdDSA', typ }, payload].map((part) => bytesToBase64Url(utf8ToBytes(canonical(part)))).join('.')
