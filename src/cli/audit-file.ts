import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { readStatement } from './audit-statement.ts'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const HeadSchema = v.nullable(v.object({ seq: v.number(), hash }))
const HeaderSchema = v.object({
  maestro_audit: v.literal(1),
  tenant: v.string(),
  head: HeadSchema,
  exported: v.string(),
  statement: v.exactOptional(v.string()),
  keys: v.exactOptional(v.unknown()),
})
const link = { seq: v.number(), tenant_id: v.string(), principal_id: v.string(), created_at: v.string(), prev_hash: hash, hash }
const OneSchema = v.object({
  ...link,
  kind: v.string(),
  idempotency_key: v.string(),
  trace_id: v.string(),
  action: v.string(),
  params_digest: v.nullable(v.string()),
  fence: v.number(),
  state: v.string(),
  result_digest: v.nullable(v.string()),
})
const texts = v.pipe(v.array(v.string()), v.minLength(1))
/** The claims that one batch made anew; the link bears the number of the last. */
const ManySchema = v.pipe(
  v.object({
    ...link,
    kind: v.literal('receipt.claimed'),
    fence: v.literal(1),
    state: v.literal('claimed'),
    keys: texts,
    traces: texts,
    actions: texts,
    digests: v.array(v.nullable(v.string())),
  }),
  v.check(
    ({ keys, traces, actions, digests }) => [traces, actions, digests].every(({ length }) => length === keys.length),
    'columns of different lengths',
  ),
)
const EntrySchema = v.union([OneSchema, ManySchema])

/** A link of the server's chain: one entry, or all claims of a batch. */
export type ServerEntry = v.InferOutput<typeof EntrySchema>

export type AuditFile = {
  readonly tenant: string
  readonly head: v.InferOutput<typeof HeadSchema>
  readonly entries: readonly ServerEntry[]
  /** The server's signature over the head, and the keys it published then. */
  readonly statement?: string
  readonly keys?: unknown
}

export type AuditVerdict = {
  readonly intact: boolean
  readonly entries: number
  readonly first_seq: number | null
  readonly broken_at: number | null
  /** The name of the key that signed the head; null when nobody did. */
  readonly signer: string | null
  readonly sentence: string
}

/** How many entries a link tells of. */
export const entriesOf = (entry: ServerEntry): number => ('keys' in entry ? entry.keys.length : 1)

/** The JSON text that the database hashes: its own key order and spacing. */
const textOf = (entry: ServerEntry): string =>
  'keys' in entry
    ? `{"v": 2, "seq": ${entry.seq}, "kind": "receipt.claimed", "fence": 1, "state": "claimed", "tenant_id": ${JSON.stringify(entry.tenant_id)}, ` +
      `"created_at": ${JSON.stringify(entry.created_at)}, "principal_id": ${JSON.stringify(entry.principal_id)}, "keys": ${JSON.stringify(entry.keys)}, ` +
      `"traces": ${JSON.stringify(entry.traces)}, "actions": ${JSON.stringify(entry.actions)}, "digests": ${JSON.stringify(entry.digests)}}`
    : `{"v": 1, "seq": ${entry.seq}, "kind": ${JSON.stringify(entry.kind)}, "fence": ${entry.fence}, "state": ${JSON.stringify(entry.state)}, "action": ${JSON.stringify(entry.action)}, ` +
      `"trace_id": ${JSON.stringify(entry.trace_id)}, "tenant_id": ${JSON.stringify(entry.tenant_id)}, "created_at": ${JSON.stringify(entry.created_at)}, ` +
      `"principal_id": ${JSON.stringify(entry.principal_id)}, "params_digest": ${JSON.stringify(entry.params_digest)}, "result_digest": ${JSON.stringify(entry.result_digest)}, ` +
      `"idempotency_key": ${JSON.stringify(entry.idempotency_key)}}`

const stepOf = (entry: ServerEntry): string => createHash('sha256').update(Buffer.from(entry.prev_hash, 'hex')).update(textOf(entry)).digest('hex')

/** Reads an export. Throws a `Fault` that names the first line that is none. */
export const parseAuditFile = (text: string): AuditFile => {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const parse = <S extends v.GenericSchema>(schema: S, line: string | undefined, number: number): v.InferOutput<S> => {
    let value: unknown
    try {
      value = JSON.parse(line ?? '')
    } catch {
      value = undefined
    }
    const parsed = v.safeParse(schema, value)
    if (parsed.success) return parsed.output
    throw new Fault(
      EXIT.red,
      'AUDIT_FILE_BROKEN',
      `Line ${number} is no ${number === 1 ? 'header of an audit export' : 'audit entry'}: the file is cut, edited or something else.`,
    )
  }
  const { tenant, head, statement, keys } = parse(HeaderSchema, lines[0], 1)
  return {
    tenant,
    head,
    ...(statement === undefined ? {} : { statement, keys }),
    entries: lines.slice(1).map((line, index) => parse(EntrySchema, line, index + 2)),
  }
}

/** Recomputes every step and the way to the head. A chain may begin late (its owner may truncate); it may not end early. */
export const verifyAuditFile = async ({ tenant, head, entries, statement, keys }: AuditFile): Promise<AuditVerdict> => {
  const signed = statement === undefined ? null : readStatement(statement, keys)
  const firstOf = (entry: ServerEntry): number => entry.seq - entriesOf(entry) + 1
  const first = entries[0] === undefined ? null : firstOf(entries[0])
  const count = entries.reduce((sum, entry) => sum + entriesOf(entry), 0)
  const say = (brokenAt: number | null, why: string): AuditVerdict => ({
    intact: brokenAt === null,
    entries: count,
    first_seq: first,
    broken_at: brokenAt,
    signer: brokenAt === null ? (signed?.kid ?? null) : null,
    sentence: brokenAt === null ? `intact: ${count} entries of ${tenant}${why}` : `BROKEN at entry ${brokenAt} of ${tenant}: ${why}`,
  })
  let before: ServerEntry | undefined
  for (const entry of entries) {
    const at = firstOf(entry)
    if (entry.tenant_id !== tenant) return say(at, 'it is another tenant’s')
    if (before !== undefined && at !== before.seq + 1) return say(before.seq + 1, 'an entry is missing or out of order')
    if (before !== undefined && entry.prev_hash !== before.hash) return say(at, 'it does not follow the entry before it')
    if (at === 1 && !/^0{64}$/.test(entry.prev_hash)) return say(1, 'a first entry follows nothing')
    if (stepOf(entry) !== entry.hash) return say(at, 'it does not match its hash')
    before = entry
  }
  if (head !== null && (before?.seq !== head.seq || before.hash !== head.hash))
    return say((before?.seq ?? 0) + 1, 'the chain does not reach its head')
  if (head === null && before !== undefined) return say(before.seq, 'there are entries but no head')
  if (statement !== undefined && (signed === null || signed.tenant !== tenant || signed.seq !== head?.seq || signed.hash !== head.hash))
    return say(head?.seq ?? 0, 'its head is not the one that the server signed')
  return say(null, first !== null && first > 1 ? `, from ${first} on (what was before has been truncated)` : '')
}
