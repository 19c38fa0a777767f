import type postgres from 'postgres'
import * as v from 'valibot'
import { inRole } from '../_shared/in-role.ts'
import { LIMITS } from '../_shared/limits.ts'

const MetricsSchema = v.object({
  crypto_initialized: v.boolean(),
  receipt_claims_today: v.number(),
  blocked_operations: v.number(),
  man_mode_escalations: v.number(),
  sync_success_rate: v.nullable(v.number()),
})

const StateSchema = v.object({ stopped: v.boolean(), missing: v.number(), metrics: MetricsSchema })

export type Metrics = v.InferOutput<typeof MetricsSchema>

export type State = { readonly stopped: boolean; readonly metrics: Metrics }

/** What the database says of the switch and the day. Throws when it is not migrated; whoever cannot wait for it uses `inTime`. */
export const readState = async (sql: postgres.Sql): Promise<State> => {
  const answers = await inRole(sql, { role: 'service_role' }, (tx) => [
    tx`select (select action in ('kill', 'safe-worker') from public.maestro_kill_documents order by version desc limit 1) as stopped,
      (select count(*)::int from unnest(array['maestro_execution_receipts', 'maestro_sync_store', 'maestro_audit_logs', 'maestro_audit_heads',
        'maestro_kill_documents', 'maestro_device_reports', 'maestro_device_audit', 'maestro_device_heads']) as t(name) where to_regclass('public.' || t.name) is null)
      + (select count(*)::int from unnest(array['maestro_claim_receipt', 'maestro_complete_receipt', 'maestro_settle_batch']) as f(name)
        where to_regproc('public.' || f.name) is null) as missing,
      public.maestro_health_metrics() as metrics`,
  ])
  const { stopped, missing, metrics } = v.parse(StateSchema, answers[0]?.[0])
  if (missing > 0) throw new Error(`${missing} tables or functions are missing`)
  return { stopped, metrics }
}

/** Throws when health has waited long enough; what is awaited goes on for the others. */
export const inTime = async <T>(reading: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the database did not answer in time')), LIMITS.healthMs)
  })
  try {
    return await Promise.race([reading, late])
  } finally {
    clearTimeout(timer)
  }
}
