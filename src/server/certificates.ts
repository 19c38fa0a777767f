import type { Result } from '../base/result.ts'
import { ok } from '../base/result.ts'
import { readCompactJws } from '../protocol/compact-jws.ts'
import * as v from '../protocol/schema.ts'
import { refusal } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import { isSignedBy } from './signatures.ts'

/** The server's public keys, as `GET maestro-sync/keys` shows them. Keys that are not Ed25519 are passed over. */
export type ServerKeys = { readonly keys: readonly { readonly kty?: string; readonly crv?: string; readonly x?: string; readonly kid?: string }[] }

/** How far two honest clocks may be apart. */
export const SKEW_MS = 5 * 60_000

/** Reads a statement of the server of one kind, valid at `now`. A certificate without the key id of a known key was signed by nobody we know. */
export async function readCertificate<S extends v.GenericSchema<unknown, { readonly issued: number; readonly expires: number }>>(
  text: string,
  kind: { readonly typ: string; readonly schema: S },
  server: ServerKeys,
  now: number,
): Promise<Result<v.InferOutput<S>, Refusal>> {
  const jws = readCompactJws(text)
  const parsed = v.safeParse(kind.schema, jws?.payload)
  if (!jws || !parsed.success) return refusal('CERTIFICATE_MALFORMED', 'a certificate is not of the form it should have')
  const key = server.keys.find(({ kty, crv, kid }) => kty === 'OKP' && crv === 'Ed25519' && kid !== undefined && kid === jws.kid)
  if (jws.typ !== kind.typ || key?.x === undefined || !(await isSignedBy(key.x, jws.signed, jws.signature)))
    return refusal('CERTIFICATE_FORGED', 'a certificate is not signed by the server')
  const { issued, expires } = parsed.output
  if (now > expires) return refusal('CERTIFICATE_EXPIRED', 'a certificate has ended')
  return issued > now + SKEW_MS ? refusal('NOT_YET', 'a certificate begins later') : ok(parsed.output)
}
