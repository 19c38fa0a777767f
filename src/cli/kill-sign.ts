import { createHash, createPrivateKey, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { killDocumentBytesMax } from '../protocol/limits.ts'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'

const part = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))
const KeySchema = v.pipe(v.string(), v.parseJson(), v.object({ kty: v.literal('OKP'), crv: v.literal('Ed25519'), x: part, d: part }))

/** Seconds a signed document may be accepted: as long as the server's own. */
const LIFETIME_S = 7 * 86_400

type Terms = { readonly version: number; readonly action: string; readonly [name: string]: unknown }

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * A kill document signed with the operator's resume key (an Ed25519 JWK in a file), as a compact JWS. The key is read here and goes nowhere.
 * Throws a `Fault`: the file is no such key (auth), or no device would take what was signed because it is too long (usage).
 */
export const signKillDocument = async (keyPath: string, { version, action, ...rest }: Terms, now: number): Promise<string> => {
  const text = await readFile(keyPath, 'utf8').catch(() => {
    throw new Fault(EXIT.auth, 'RESUME_KEY_MISSING', `The resume key cannot be read from ${keyPath}. Give --resume-key FILE.`)
  })
  const key = v.safeParse(KeySchema, text.trim())
  if (!key.success) throw new Fault(EXIT.auth, 'RESUME_KEY_INVALID', `${keyPath} is no private Ed25519 JWK.`)
  const { crv, kty, x, d } = key.output
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url')
  const claims = { version, issued: new Date(now).toISOString(), expires: new Date(now + LIFETIME_S * 1000).toISOString(), action, ...rest }
  const signed = `${encode({ alg: 'EdDSA', kid, typ: 'maestro-kill+jws' })}.${encode(claims)}`
  const jws = `${signed}.${sign(null, Buffer.from(signed), createPrivateKey({ key: { kty, crv, x, d }, format: 'jwk' })).toString('base64url')}`
  if (jws.length <= killDocumentBytesMax) return jws
  throw new Fault(
    EXIT.usage,
    'DOCUMENT_TOO_LARGE',
    `Signed, this is ${jws.length} characters long, and no device takes more than ${killDocumentBytesMax}.`,
  )
}
