import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import * as v from 'valibot'
import type { IsByKey, ServerKey } from '../audit/signed-head.ts'
import { verifyProof } from '../audit/verify-proof.ts'
import type { Answer, Context } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'

/** The server's public keys beside a proof, where no other file is named. */
const KEYS_FILE = 'maestro-keys.json'

const KeysSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ keys: v.array(v.object({ kty: v.string(), crv: v.optional(v.string()), x: v.optional(v.string()) })) }),
)

/** Whether a file means to be the proof of one action rather than an export. */
export const isProof = (text: string): boolean => text.includes('"maestro_proof":')

const isByKey: IsByKey = async (x, bytes, signature) => {
  try {
    return verify(null, bytes, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature)
  } catch {
    return false
  }
}

/** A key's name is its own digest (RFC 7638), whatever the file calls it. */
const readKeys = async (path: string, isNamed: boolean): Promise<readonly ServerKey[]> => {
  const text = await readFile(path, 'utf8').catch(() => {
    if (isNamed) throw new Fault(EXIT.usage, 'FILE_UNREADABLE', `${path} cannot be read.`)
    throw new Fault(EXIT.usage, 'KEYS_NEEDED', `Give --keys FILE, or save the answer of GET /functions/v1/maestro-sync/keys as ${path}.`)
  })
  const parsed = v.safeParse(KeysSchema, text)
  if (!parsed.success) throw new Fault(EXIT.usage, 'KEYS_INVALID', `${path} is no set of public keys.`)
  return parsed.output.keys.flatMap(({ kty, crv, x }) =>
    kty === 'OKP' && crv === 'Ed25519' && x !== undefined
      ? [{ x, kid: createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url') }]
      : [],
  )
}

/** Checks the proof of one action (the worker's command `proof` makes it) without a network. */
export const verifyProofFile = async (context: Context, path: string): Promise<Answer> => {
  const file = resolve(context.io.cwd, path)
  const named = context.text('keys')
  const keys = await readKeys(named === null ? join(dirname(file), KEYS_FILE) : resolve(context.io.cwd, named), named !== null)
  const bytes = new Uint8Array(await readFile(file))
  const started = performance.now()
  const said = await verifyProof(bytes, keys, isByKey)
  const ms = Math.round((performance.now() - started) * 10) / 10
  const [tenant, signer] = [context.text('tenant'), context.text('signer')]
  if (!said.ok) {
    const { code, message } = said.error
    return { data: { intact: false, code, sentence: message, ms }, lines: [`BROKEN (${code}): ${message}`], exit: EXIT.red }
  }
  const proven = said.value
  const other = tenant !== null && tenant !== proven.tenant ? 'tenant' : signer !== null && signer !== proven.signer ? 'signer' : null
  if (other !== null) {
    const sentence = `the proof is of the ${other} ${proven[other]}`
    return { data: { intact: false, code: 'PROOF_OTHER', sentence, ...proven, ms }, lines: [`BROKEN (PROOF_OTHER): ${sentence}`], exit: EXIT.red }
  }
  const sentence = `intact: ${proven.key} of ${proven.principal} in ${proven.tenant}, seen by the server at ${new Date(proven.seen).toISOString()}`
  const facts = proven.facts.map(({ seq, at, kind }) => `${String(seq).padStart(6)}  ${new Date(at).toISOString()}  ${kind}`)
  return { data: { intact: true, sentence, ...proven, bytes: bytes.length, ms }, lines: [sentence, ...facts, `checked in ${ms} ms`] }
}
