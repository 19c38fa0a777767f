/** The shared ledger through the `maestro-sync` edge function. Answers are parsed; one that is not what it claims is a failure, not a success. */
import { own } from '../../src/base/own.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Claim, ReceiptServer, ServerFailure } from '../ports/receipt-server.ts'
import { answersByKey } from './answers-by-key.ts'
import { readJson, retryAfter, waitOf } from './read-json.ts'
import { request } from './request.ts'

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const count = v.pipe(
  v.number(),
  v.check((value) => Number.isSafeInteger(value) && value >= 0),
)
const result = v.nullable(v.string())

const ItemSchema = v.looseObject({
  claimed: v.optional(v.boolean()),
  completed: v.optional(v.boolean()),
  fence: v.optional(count),
  begun_elsewhere: v.optional(v.boolean()),
  state: v.optional(v.string()),
  result: v.optional(result),
  code: v.optional(v.string()),
})
const SyncSchema = v.looseObject({
  claims: v.array(v.unknown()),
  completions: v.array(v.unknown()),
  audit: v.looseObject({ through: count, hash, code: v.optional(v.string()) }),
  retention_s: count,
  server_time: v.string(),
})
const WordSchema = v.looseObject({ state: v.string(), result, fence: v.optional(v.nullable(count), null) })

/** What the ledger says about one item; `RECEIPT_UNKNOWN` about a completion is as final as another holder's fence. */
const CODES: Readonly<Record<string, ServerFailure['kind']>> = {
  IN_PROGRESS: 'in-progress',
  KEY_REUSED: 'key-reused',
  FENCE_STALE: 'fence',
  RECEIPT_UNKNOWN: 'fence',
  ITEM_INVALID: 'invalid',
}

function itemOf<T>(answer: JsonObject | undefined, read: (item: v.InferOutput<typeof ItemSchema>) => T | undefined): Result<T, ServerFailure> {
  const item = v.safeParse(ItemSchema, answer)
  if (!item.success) return err({ kind: 'failing' })
  const value = read(item.output)
  if (value !== undefined) return ok(value)
  const { code = '', retry_after_s } = item.output
  return err({ kind: own(CODES, code) ?? 'failing', ...waitOf(retry_after_s) })
}

const claimOf = (answer: JsonObject | undefined): Result<Claim, ServerFailure> =>
  itemOf(answer, ({ claimed, fence, begun_elsewhere, idempotent, state, result }): Claim | undefined =>
    claimed === true && fence !== undefined
      ? { kind: 'claimed', fence, isBegunElsewhere: begun_elsewhere === true }
      : claimed === false && idempotent === true && state !== undefined && result !== undefined
        ? { kind: 'settled', state, result }
        : undefined,
  )

export function createSupabaseReceipts({
  base,
  anonKey,
  onKillVersion,
}: {
  readonly base: string
  readonly anonKey: string | null
  /** Told the kill version that every answer carries, so that a flip is noticed with the next request. */
  readonly onKillVersion: (version: number) => void
}): ReceiptServer {
  /** A readable answer of this ledger, with its status; everything else is a failure already. */
  const call = async (
    route: string,
    token: string,
    body: unknown,
    bytesMax: number,
  ): Promise<Result<{ readonly status: number; readonly json: Json }, ServerFailure>> => {
    try {
      const response = await request(`${base}/functions/v1/maestro-sync${route}`, LIMITS.syncTimeoutMs, {
        token,
        body,
        headers: anonKey === null ? {} : { apikey: anonKey },
      })
      const version = Number(response.headers.get('x-maestro-kill-version'))
      if (Number.isSafeInteger(version) && version > 0) onKillVersion(version)
      const json = await readJson(response, bytesMax)
      const { status } = response
      if (status === 401) return err({ kind: 'auth' })
      return json === undefined || (status !== 200 && status !== 404) ? err({ kind: 'failing', ...retryAfter(response) }) : ok({ status, json })
    } catch {
      return err({ kind: 'unreachable' })
    }
  }

  return {
    async sync({ tenant, deviceId, report, claims, completions, audit }, token) {
      const body = {
        tenant_id: tenant,
        device_id: deviceId,
        report,
        claims: claims.map(({ key, traceId, action, paramsDigest, lane }) => ({
          idempotency_key: key,
          trace_id: traceId,
          action,
          ...(paramsDigest === null ? {} : { params_digest: paramsDigest }),
          lane,
        })),
        completions: completions.map(({ key, fence, state, result }) => ({ idempotency_key: key, fence, state, result })),
        audit,
      }
      const answer = await call('', token, body, LIMITS.answerBytesMax * Math.max(1, claims.length))
      if (!answer.ok) return answer
      const { status, json } = answer.value
      const parsed = v.safeParse(SyncSchema, json)
      const serverTime = parsed.success ? Date.parse(parsed.output.server_time) : Number.NaN
      if (status !== 200 || !parsed.success || Number.isNaN(serverTime)) return err({ kind: 'failing' })
      const { through, hash: head, code } = parsed.output.audit
      const claimed = answersByKey(parsed.output.claims as Json, 'idempotency_key')
      const completed = answersByKey(parsed.output.completions as Json, 'idempotency_key')
      return ok({
        claims: claims.map(({ key }) => claimOf(claimed.get(key))),
        completions: completions.map(({ key }) => itemOf(completed.get(key), (item) => (item.completed === true ? null : undefined))),
        audit: { seq: through, hash: head, isForked: code === 'AUDIT_FORK' },
        retentionMs: parsed.output.retention_s * 1_000,
        serverTime,
      })
    },

    async lookUp(key, token) {
      const answer = await call(`/receipt/${encodeURIComponent(key)}`, token, undefined, LIMITS.answerBytesMax)
      if (!answer.ok) return answer
      const { status, json } = answer.value
      // A page that is not found says 404 as well: only the ledger's own word counts.
      if (status === 404) return (json as { code?: unknown } | null)?.code === 'RECEIPT_UNKNOWN' ? ok(null) : err({ kind: 'failing' })
      const word = v.safeParse(WordSchema, json)
      return word.success ? ok({ state: word.output.state, result: word.output.result, fence: word.output.fence }) : err({ kind: 'failing' })
    },
  }
}
