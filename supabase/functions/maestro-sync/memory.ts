import type postgres from 'postgres'
import * as v from 'valibot'
import type { Caller } from '../_shared/caller.ts'
import { inRole } from '../_shared/in-role.ts'

const StoreSchema = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,63}$/))
/** Names are digests, or one of ours. */
const RecordSchema = v.pipe(v.string(), v.regex(/^[0-9A-Za-z_-]{1,255}$/))
const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const name = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,128}$/))

/** An envelope begins with a low version byte and is at least as long as header, salt, commitment and tag. */
const EnvelopeSchema = v.pipe(
  v.string(),
  v.regex(/^A[Q-Za-f][A-Za-z0-9_-]{102,699050}$/),
  v.check((text) => text.length % 4 !== 1, 'not base64url'),
)

const PushSchema = v.object({ store: StoreSchema, record: RecordSchema, base: number, gone: v.boolean(), envelope: EnvelopeSchema })

/** Changes of a device and what it asks for; or one row by name. */
export const MemorySchema = v.object({
  tenant_id: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  device_id: name,
  since: v.optional(number, 0),
  push: v.optional(v.pipe(v.array(PushSchema), v.maxLength(200)), []),
  read: v.optional(v.object({ store: StoreSchema, record: RecordSchema })),
})
type Memory = v.InferOutput<typeof MemorySchema>

const answerOf = (rows: postgres.RowList<postgres.Row[]> | undefined): unknown => rows?.[0]?.['answer'] ?? null

/** One row as its owner may see it, or null. */
const read = async (sql: postgres.Sql, caller: Caller, { store, record }: NonNullable<Memory['read']>): Promise<unknown> => {
  const [rows] = await inRole(sql, { role: 'authenticated', caller }, (tx) => [
    tx`select public.maestro_envelope_row(s.store, s.record_id, s.rev, s.gone, s.envelope) as answer from public.maestro_sync_store s
      where s.tenant_id = ${caller.tenant} and s.principal_id = ${caller.principal} and s.store = ${store} and s.record_id = ${record}`,
  ])
  return { row: answerOf(rows) }
}

/** Takes what a device changed and gives what it has not seen, in one transaction. */
export const exchange = async (sql: postgres.Sql, caller: Caller, body: Memory): Promise<unknown> => {
  if (body.read !== undefined) return read(sql, caller, body.read)
  const [rows] = await inRole(sql, { role: 'authenticated', caller }, (tx) => [
    tx`select public.maestro_sync_memory(${body.tenant_id}, ${body.device_id}, ${String(body.since)}::bigint, ${JSON.stringify(body.push)}::text::jsonb) as answer`,
  ])
  return answerOf(rows)
}
