import type postgres from 'postgres'
import * as v from 'valibot'
import type { Caller } from '../_shared/caller.ts'
import { inRole } from '../_shared/in-role.ts'
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
    const reporting = tx`insert into public.maestro_device_reports
        (tenant_id, principal_id, device_id, crypto_initialized, blocked_operations, man_mode_escalations, sync_success_rate)
      values (${caller.tenant}, ${caller.principal}, ${device}, ${report.crypto_initialized}, ${report.blocked_operations},
        ${report.man_mode_escalations}, ${report.sync_success_rate})
      on conflict (day, tenant_id, principal_id, device_id) do update set crypto_initialized = excluded.crypto_initialized,
        blocked_operations = excluded.blocked_operations, man_mode_escalations = excluded.man_mode_escalations,
        sync_success_rate = excluded.sync_success_rate, updated_at = clock_timestamp()`
    return [reporting, claiming]
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

/** The caller's own receipt as the ledger has it, or null. */
export const lookUp = async (sql: postgres.Sql, caller: Caller, key: string): Promise<unknown> => {
  const answers = await inRole(sql, { role: 'authenticated', caller }, (tx) => [
    tx`select json_build_object('state', state, 'fence', fence, 'params_digest', params_digest, 'result', result) as answer
      from public.maestro_execution_receipts
      where tenant_id = ${caller.tenant} and principal_id = ${caller.principal} and idempotency_key = ${key}`,
  ])
  return firstAnswer(answers[0]) ?? null
}
