import type postgres from 'postgres'
import * as v from 'valibot'
import type { Caller } from '../_shared/caller.ts'
import { inRole } from '../_shared/in-role.ts'
import { reporting } from './report.ts'
import { ClaimAnswerSchema, CompleteAnswerSchema } from './schema.ts'
import type { Claim, Completion } from './schema.ts'

const firstAnswer = (rows: postgres.RowList<postgres.Row[]> | undefined): unknown => rows?.[0]?.['answer']

/** Claims a receipt in one round trip; a device's report of its day rides in the same transaction. */
export const claim = async (sql: postgres.Sql, caller: Caller, body: Claim): Promise<v.InferOutput<typeof ClaimAnswerSchema>> => {
  const { report, device_id: device } = body
  const answers = await inRole(sql, { role: 'authenticated', caller }, (tx) => {
    const claiming = tx`select public.maestro_claim_receipt(${body.tenant_id}, ${body.idempotency_key}, ${body.trace_id}, ${body.action},
      ${body.params_digest ?? null}, ${body.lane ?? null}, ${device ?? null}) as answer`
    if (report === undefined || device === undefined) return [claiming]
    return [reporting(tx, device, report), claiming]
  })
  return v.parse(ClaimAnswerSchema, firstAnswer(answers.at(-1)))
}

/** Stores a terminal state and its result under the fence. */
export const complete = async (sql: postgres.Sql, caller: Caller, body: Completion): Promise<v.InferOutput<typeof CompleteAnswerSchema>> => {
  const answers = await inRole(sql, { role: 'authenticated', caller }, (tx) => [
    tx`select public.maestro_complete_receipt(${body.tenant_id}, ${body.idempotency_key}, ${body.fence}, ${body.state}, ${body.result}) as answer`,
  ])
  return v.parse(CompleteAnswerSchema, firstAnswer(answers[0]))
}

/** The caller's own receipt as the ledger has it, or null; `completed_at` (RFC 3339) only when it has ended, `retention_s` counts from there. */
export const lookUp = async (sql: postgres.Sql, caller: Caller, key: string): Promise<unknown> => {
  const answers = await inRole(sql, { role: 'authenticated', caller }, (tx) => [
    tx`select jsonb_build_object('state', state, 'fence', fence, 'params_digest', params_digest, 'result', result,
        'retention_s', public.maestro_retention_s()) || case when completed_at is null then '{}'::jsonb
        else jsonb_build_object('completed_at', to_char(completed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) end as answer
      from public.maestro_execution_receipts
      where tenant_id = ${caller.tenant} and principal_id = ${caller.principal} and idempotency_key = ${key}`,
  ])
  return firstAnswer(answers[0]) ?? null
}
