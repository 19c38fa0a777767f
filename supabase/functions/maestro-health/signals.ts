import type postgres from 'postgres'
import * as v from 'valibot'
import { inRole } from '../_shared/in-role.ts'
import { LIMITS } from '../_shared/limits.ts'

const count = v.pipe(v.union([v.number(), v.string(), v.bigint()]), v.transform(Number))

const SignalsSchema = v.object({
  answered: count,
  failed: count,
  sync_devices: count,
  sync_rate: v.nullable(v.number()),
  escalations: count,
  stuck: count,
  kill_version: count,
  last_report_s: v.nullable(v.number()),
})

/** What alerts are judged on, each with its window; figures over all tenants. */
export type Signals = {
  readonly claims: { readonly attempts: number; readonly failures: number; readonly window_s: number }
  /** Mean over the devices that tried to sync today (UTC); null while none did. Offline devices do not try. */
  readonly sync: { readonly rate: number | null; readonly devices: number }
  readonly escalations: { readonly count: number; readonly window_s: number }
  /** Receipts that were claimed, never ended, and whose lease ended long ago. */
  readonly stuck: { readonly count: number; readonly after_s: number }
  readonly kill_version: number
  /** Seconds since any device reported; null when none ever did. */
  readonly last_report_s: number | null
}

export const readSignals = async (sql: postgres.Sql): Promise<Signals> => {
  const { claimWindowS, escalationWindowS, stuckS } = LIMITS
  const [rows] = await inRole(sql, { role: 'service_role' }, (tx) => [
    tx`select c.answered, c.failed, d.sync_devices, d.sync_rate, d.last_report_s, e.escalations, s.stuck, k.kill_version
      from (select coalesce(sum(answered), 0) as answered, coalesce(sum(failed), 0) as failed from public.maestro_claim_minutes
          where minute > clock_timestamp() - make_interval(secs => ${claimWindowS})) c,
        (select count(sync_success_rate) filter (where day = (clock_timestamp() at time zone 'utc')::date) as sync_devices,
          avg(sync_success_rate) filter (where day = (clock_timestamp() at time zone 'utc')::date) as sync_rate,
          extract(epoch from clock_timestamp() - max(updated_at))::float8 as last_report_s from public.maestro_device_reports) d,
        (select coalesce(sum(count), 0) as escalations from public.maestro_escalations
          where at > clock_timestamp() - make_interval(secs => ${escalationWindowS})) e,
        (select count(*) as stuck from public.maestro_execution_receipts
          where state = 'claimed' and lease_until < clock_timestamp() - make_interval(secs => ${stuckS})) s,
        (select coalesce(max(version), 0) as kill_version from public.maestro_kill_documents) k`,
  ])
  const read = v.parse(SignalsSchema, rows?.[0])
  return {
    claims: { attempts: read.answered + read.failed, failures: read.failed, window_s: claimWindowS },
    sync: { rate: read.sync_rate, devices: read.sync_devices },
    escalations: { count: read.escalations, window_s: escalationWindowS },
    stuck: { count: read.stuck, after_s: stuckS },
    kill_version: read.kill_version,
    last_report_s: read.last_report_s,
  }
}
