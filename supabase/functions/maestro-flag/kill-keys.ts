import { calculateJwkThumbprint, compactVerify, importJWK } from 'jose'
import * as v from 'valibot'
import { LIMITS } from '../_shared/limits.ts'
import type { SigningKey } from '../_shared/signing-key.ts'
import { ClaimsSchema } from './terms.ts'
import type { Claims } from './terms.ts'

/** What a kill document is, in the JWS header `typ`. */
export const KILL_TYP = 'maestro-kill+jws'

export type KillKeys = {
  /** Signs what makes things stricter; null where none is set, and then documents go out unsigned. */
  readonly stop: SigningKey | null
  /** Only the local stack holds it: elsewhere it stays with the operator. */
  readonly resume: SigningKey | null
  /** The raw public half (base64url), by which the operator's documents are checked. */
  readonly resumePublic: string | null
}

export const NO_KEYS: KillKeys = { stop: null, resume: null, resumePublic: null }

const HeaderSchema = v.strictObject({ alg: v.literal('EdDSA'), kid: v.string(), typ: v.literal(KILL_TYP) })

const textOf = (part: string): string | null => {
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.codePointAt(0) ?? 0)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** JSON that says each name once, in the only form it is written in: `JSON.stringify`'s. */
const plainJson = (part: string): unknown => {
  const text = textOf(part)
  try {
    const value: unknown = JSON.parse(text ?? '')
    return JSON.stringify(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

/** What the operator's document says, or null when it is not the resume key's, or not a document. */
export const readResume = async (document: string, publicKey: string): Promise<Claims | null> => {
  if (document.length > LIMITS.killDocumentBytesMax || !/^[\w-]+\.[\w-]+\.[\w-]{86}$/.test(document)) return null
  const [head = '', body = ''] = document.split('.')
  const open = { kty: 'OKP', crv: 'Ed25519', x: publicKey }
  const header = v.safeParse(HeaderSchema, plainJson(head))
  if (!header.success || header.output.kid !== (await calculateJwkThumbprint(open))) return null
  const verified = await compactVerify(document, await importJWK(open, 'EdDSA'), { algorithms: ['EdDSA'] }).catch(() => null)
  const claims = v.safeParse(ClaimsSchema, verified && plainJson(body))
  return claims.success ? claims.output : null
}
