import { createHash, createPublicKey, verify } from 'node:crypto'
import * as v from 'valibot'

const part = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))
const KeysSchema = v.object({ keys: v.array(v.object({ kty: v.literal('OKP'), crv: v.literal('Ed25519'), x: part })) })
const HeadSchema = v.object({ tenant: v.string(), seq: v.number(), hash: v.string(), at: v.string() })

export const STATEMENT_TYP = 'maestro-audit-head+jws'

export type HeadStatement = v.InferOutput<typeof HeadSchema> & { readonly kid: string }

const json = (text: string): unknown => {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

/** What the server signed of a chain's head, when one of these keys really signed it; null for anything else. A key's name is its own digest (RFC 7638). */
export const readStatement = (statement: string, keys: unknown): HeadStatement | null => {
  const [head = '', body = '', signature = ''] = statement.split('.')
  const header = v.safeParse(v.object({ alg: v.literal('EdDSA'), kid: v.string(), typ: v.literal(STATEMENT_TYP) }), json(head))
  const known = v.safeParse(KeysSchema, keys)
  if (!header.success || !known.success) return null
  const { kid } = header.output
  const key = known.output.keys.find(({ crv, kty, x }) => createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url') === kid)
  if (key === undefined) return null
  const isSigned = verify(null, Buffer.from(`${head}.${body}`), createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url'))
  const claims = v.safeParse(HeadSchema, json(body))
  return isSigned && claims.success ? { ...claims.output, kid } : null
}
