/** A principal's envelopes through the `maestro-sync` function. Answers are parsed; one that is not what it claims is a failure. */
import { base64UrlToBytes, bytesToBase64Url } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { MemoryServer, MemoryServerFailure, PushAnswer, RemoteRow } from '../ports/memory-server.ts'
import { readJson } from './read-json.ts'
import { request } from './request.ts'

/** A full page of the server's: 200 rows, 1.5 MiB as text. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024

const RowSchema = v.object({
  store: v.string(),
  record: v.string(),
  rev: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  gone: v.boolean(),
  envelope: v.pipe(
    v.string(),
    v.transform((text) => base64UrlToBytes(text)),
    v.custom<Uint8Array>((bytes) => bytes instanceof Uint8Array),
  ),
})

const remoteRow = ({ store, record, rev, gone, envelope }: v.InferOutput<typeof RowSchema>): RemoteRow => ({
  store,
  id: record,
  rev,
  gone,
  sealed: envelope,
})

const PushedSchema = v.union([
  v.pipe(
    v.object({ accepted: v.literal(true), rev: v.number() }),
    v.transform(({ rev }): PushAnswer => ({ rev })),
  ),
  v.pipe(
    v.object({ accepted: v.literal(false), row: RowSchema }),
    v.transform(({ row }): PushAnswer => ({ conflict: remoteRow(row) })),
  ),
  v.pipe(
    v.object({ accepted: v.literal(false), code: v.string() }),
    v.transform(({ code }): PushAnswer => ({ refused: code })),
  ),
])

const AnswerSchema = v.object({
  pushed: v.array(PushedSchema),
  rows: v.pipe(
    v.array(RowSchema),
    v.transform((rows) => rows.map(remoteRow)),
  ),
  through: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  more: v.boolean(),
})

const FoundSchema = v.object({ row: v.nullable(RowSchema) })

export function createSupabaseMemory({ base, anonKey }: { readonly base: string; readonly anonKey: string | null }): MemoryServer {
  const call = async (token: string, body: object): Promise<Result<Json, MemoryServerFailure>> => {
    try {
      const headers = anonKey === null ? {} : { apikey: anonKey }
      const response = await request(`${base}/functions/v1/maestro-sync/memory`, LIMITS.syncTimeoutMs, { token, body, headers })
      if (response.status === 401) return err('auth')
      const json = await readJson(response, ANSWER_BYTES_MAX)
      return json === undefined || response.status !== 200 ? err('failing') : ok(json)
    } catch {
      return err('unreachable')
    }
  }

  return {
    async exchange({ tenant, device, since, push }, token) {
      const items = push.map(({ store, id, base: known, gone, sealed }) => ({
        store,
        record: id,
        base: known,
        gone,
        envelope: bytesToBase64Url(sealed),
      }))
      const answer = await call(token, { tenant_id: tenant, device_id: device, since, push: items })
      if (!answer.ok) return answer
      const parsed = v.safeParse(AnswerSchema, answer.value)
      return parsed.success && parsed.output.pushed.length === push.length ? ok(parsed.output) : err('failing')
    },
    async read(tenant, store, id, token) {
      const answer = await call(token, { tenant_id: tenant, device_id: 'reader', read: { store, record: id } })
      if (!answer.ok) return answer
      const parsed = v.safeParse(FoundSchema, answer.value)
      return parsed.success ? ok(parsed.output.row && remoteRow(parsed.output.row)) : err('failing')
    },
  }
}
