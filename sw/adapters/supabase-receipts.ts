/** The shared ledger through the `maestro-sync` edge function. Answers are parsed; one that is not what it claims is a failure, not a success. */
import { err, ok, type Result } from '../../src/base/result.ts'
import { LIMITS } from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { ReceiptServer, ServerFailure } from '../ports/receipt-server.ts'
import { readJson, retryAfterMs } from './read-json.ts'

const ClaimSchema = v.union([
  v.looseObject({ claimed: v.literal(true), fence: v.number() }),
  v.looseObject({ claimed: v.literal(false), idempotent: v.literal(true), state: v.string(), result: v.nullable(v.string()) }),
])
const CompletedSchema = v.looseObject({ completed: v.literal(true) })

export function createSupabaseReceipts(options: {
  readonly base: string
  readonly anonKey: string | null
  /** Told the kill version that every answer carries, so that a flip is noticed with the next request. */
  readonly onKillVersion: (version: number) => void
}): ReceiptServer {
  const post = async (route: string, body: unknown, token: string): Promise<Result<unknown, ServerFailure>> => {
    try {
      const response = await fetch(`${options.base}/functions/v1/maestro-sync/${route}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          ...(options.anonKey === null ? {} : { apikey: options.anonKey }),
        },
        body: JSON.stringify(body),
        cache: 'no-store',
        redirect: 'error',
        signal: AbortSignal.timeout(LIMITS.syncTimeoutMs),
      })
      const version = Number(response.headers.get('x-maestro-kill-version'))
      if (Number.isSafeInteger(version) && version > 0) options.onKillVersion(version)
      const waitMs = retryAfterMs(response, Date.now())
      const failed = (kind: ServerFailure['kind']): Result<never, ServerFailure> => err(waitMs === undefined ? { kind } : { kind, waitMs })
      const answer = await readJson(response, LIMITS.answerBytesMax)
      if (response.status === 401) return failed('auth')
      if (answer === undefined) return failed('failing')
      if (response.status === 409) return failed(route === 'complete-receipt' ? 'fence' : 'in-progress')
      if (response.status === 422) return failed('key-reused')
      return response.status === 200 ? ok(answer) : failed('failing')
    } catch {
      return err({ kind: 'unreachable' })
    }
  }

  return {
    async claim(request, token) {
      const body = {
        tenant_id: request.tenant,
        idempotency_key: request.key,
        trace_id: request.traceId,
        action: request.action,
        params_digest: request.paramsDigest,
        lane: request.lane,
        device_id: request.deviceId,
        report: request.report,
      }
      const answer = await post('claim-receipt', body, token)
      if (!answer.ok) return answer
      const parsed = v.safeParse(ClaimSchema, answer.value)
      if (!parsed.success) return err({ kind: 'failing' })
      const claim = parsed.output
      return ok(claim.claimed ? { kind: 'claimed', fence: claim.fence } : { kind: 'settled', state: claim.state, result: claim.result })
    },
    async complete({ tenant, key, fence, state, result }, token) {
      const answer = await post('complete-receipt', { tenant_id: tenant, idempotency_key: key, fence, state, result }, token)
      if (!answer.ok) return answer
      return v.is(CompletedSchema, answer.value) ? ok(null) : err({ kind: 'failing' })
    },
  }
}
