/**
 * The proof of one action: a text file that needs no network and no other file than the server's public keys.
 *
 * It is one line of canonical JSON (RFC 8785, UTF-8) and a line feed; a text that is written any other way is no proof:
 *
 * - `maestro_proof`: 1.
 * - `key`: the action's idempotency key. With tenant and principal of the signed head it makes the receipt's id,
 *   SHA-256 of canonical `{key, principal, tenant}`, by which entries name it.
 * - `from`: `{hash, seq}`, the end of the chain before the first entry.
 * - `entries`: `{at, digest, kind, receipt}`, oldest first: from an entry of this receipt to the signed head without a gap. `digest` is SHA-256 of
 *   the sealed receipt as it was then; entries of other receipts are the way to the head and tell nothing but that something happened.
 * - `head`, `seen`, `certificate`: the device's signature over the chain's end, the server's counter-signature, the server's certificate of the
 *   device's key (`signed-head.ts`).
 *
 * Every bit of it is under a signature, directly or through a hash. An entry takes about 200 bytes and the statements 1.5 KB together: an action
 * that was done at once makes 2 to 3 KB; `ENTRIES_MAX` entries make about 220 KB and are the most that is written or read.
 */
import { bytesToUtf8 } from '../base/bytes.ts'
import { canonical } from '../base/canonical.ts'
import { digestJson } from '../base/digest.ts'
import type { Json } from '../base/json.ts'
import { KeySchema } from '../protocol/idempotency-key.ts'
import * as v from '../protocol/schema.ts'
import { SignedHeadSchema } from './signed-head.ts'

/** Entries of one proof: what one file may hold (about 220 KB). */
export const ENTRIES_MAX = 1024
/** Bytes of one proof; names of kinds are short. */
const BYTES_MAX = 512 * 1024

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const FactSchema = v.strictObject({ at: v.pipe(v.number(), v.safeInteger()), digest: hash, kind: v.string(), receipt: v.string() })

const ProofSchema = v.strictObject({
  maestro_proof: v.literal(1),
  key: KeySchema,
  from: v.strictObject({ seq: count, hash }),
  entries: v.pipe(v.array(FactSchema), v.minLength(1), v.maxLength(ENTRIES_MAX)),
  ...SignedHeadSchema.entries,
})
export type Proof = v.InferOutput<typeof ProofSchema>

export const writeProof = (proof: Proof): string => `${canonical(proof as unknown as Json)}\n`

/** The proof in a file's bytes, or `null` when it is none: too large, another form, or not written as `writeProof` writes. */
export function readProof(bytes: Uint8Array): Proof | null {
  const text = bytes.length <= BYTES_MAX ? bytesToUtf8(bytes) : null
  if (text === null) return null
  try {
    const parsed = v.safeParse(ProofSchema, JSON.parse(text))
    return parsed.success && writeProof(parsed.output) === text ? parsed.output : null
  } catch {
    return null
  }
}

/** The name by which entries of a chain know an action. */
export const receiptOf = (tenant: string, principal: string, key: string): string => digestJson({ tenant, principal, key })
