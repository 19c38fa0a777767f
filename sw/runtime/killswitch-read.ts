/** From a text to a document that one of the pinned keys signed; anything else has a name and no effect. */
import { base64UrlToBytes, bytesToBase64Url, hexToBytes, utf8ToBytes } from '../../src/base/bytes.ts'
import { digestJson } from '../../src/base/digest.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { KillClaimsSchema, KillHeaderSchema, type KillClaims } from '../../src/protocol/kill-document.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { KillVerifier } from '../ports/kill-verifier.ts'

/** Raw Ed25519 public keys, base64url: `stop` may only make things stricter, `resume` may loosen. */
export type PinnedKeys = { readonly stop: string; readonly resume: string }

export type Signer = keyof PinnedKeys

export type SignedKill = { readonly claims: KillClaims; readonly signer: Signer; readonly jws: string }

export type Unreadable = 'oversize' | 'malformed' | 'another key or algorithm' | 'wrong signature' | 'unknown claims'

const JWS = /^([\w-]{1,512})\.([\w-]+)\.([\w-]{86})$/

/** RFC 7638. */
const thumbprint = (x: string): string => bytesToBase64Url(hexToBytes(digestJson({ crv: 'Ed25519', kty: 'OKP', x })))

/** The bytes of the only text that stands for them: a changed last bit that decodes to the same is refused. */
function exactBytes(text: string): Uint8Array | null {
  const bytes = base64UrlToBytes(text)
  return bytes && bytesToBase64Url(bytes) === text ? bytes : null
}

/** JSON exactly as `JSON.stringify` writes it: no name twice, no second spelling. */
function exactJson(part: string): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(exactBytes(part) ?? new Uint8Array())
    const value: unknown = JSON.parse(text)
    return JSON.stringify(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

export async function readKill(jws: unknown, pinned: PinnedKeys, verifier: KillVerifier): Promise<Result<SignedKill, Unreadable>> {
  if (typeof jws !== 'string') return err('malformed')
  if (jws.length > LIMITS.killDocumentBytesMax) return err('oversize')
  const [, head, body, tail] = JWS.exec(jws) ?? []
  const signature = exactBytes(tail ?? '')
  if (head === undefined || body === undefined || signature?.length !== 64) return err('malformed')
  const header = v.safeParse(KillHeaderSchema, exactJson(head))
  if (!header.success) return err('another key or algorithm')
  const signer = (['stop', 'resume'] as const).find((name) => thumbprint(pinned[name]) === header.output.kid)
  if (!signer) return err('another key or algorithm')
  if (!(await verifier.verify(pinned[signer], signature, utf8ToBytes(`${head}.${body}`)))) return err('wrong signature')
  const claims = v.safeParse(KillClaimsSchema, exactJson(body))
  const isDated = claims.success && [claims.output.issued, claims.output.expires].every((time) => Number.isFinite(Date.parse(time)))
  return isDated ? ok({ claims: claims.output, signer, jws }) : err('unknown claims')
}
