import type postgres from 'postgres'
import * as v from 'valibot'
import { inRole } from '../_shared/in-role.ts'
import { killExpires } from '../_shared/kill-expires.ts'
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
  kill_document: v.nullable(v.string()),
  last_report_s: v.nullable(v.number()),
})

/** What alerts are judged on, each with its window; figures over all tenants. */
export type Signals = {
  readonly claims: { readonly attempts: number; readonly failures: number; readonly window_s: number }
  /** Mean over the people whose devices tried to sync today (UTC), each one voice; null while none did. Offline devices do not try. */
  readonly sync: { readonly rate: number | null; readonly devices: number }
  readonly escalations: { readonly count: number; readonly window_s: number }
  /** Receipts that were claimed, never ended, and whose lease ended long ago. */
  readonly stuck: { readonly count: number; readonly after_s: number }
  readonly kill_version: number
  /** Seconds for which devices may still accept the document in force; below 0 they run nothing new on it. */
  readonly kill: { readonly expires_s: number }
  /** Seconds since any device reported; null when none ever did. */
  readonly last_report_s: number | null
}

export const readSignals = async (sql: postgres.Sql): Promise<Signals> => {
  const { claimWindowS, escalationWindowS, escalationsMax, stuckS } = LIMITS
  const [rows] = await inRole(sql, { role: 'service_role' }, (tx) => [
    tx`select c.answered, c.failed, d.sync_devices, d.sync_rate, d.last_report_s, e.escalations, s.stuck, k.kill_version, k.kill_document
      from (select coalesce(sum(answered), 0) as answered, coalesce(sum(failed), 0) as failed from public.maestro_claim_minutes
          where minute > clock_timestamp() - make_interval(secs => ${claimWindowS})) c,
        (select (m.told -> 'sync_devices')::int8 as sync_devices, nullif(m.told -> 'sync_success_rate', 'null')::float8 as sync_rate,
            (select extract(epoch from clock_timestamp() - max(r.updated_at))::float8 from public.maestro_device_reports r
              where r.day = (select max(newest.day) from public.maestro_device_reports newest)) as last_report_s
          from (select public.maestro_health_metrics() as told) m) d,
        (select coalesce(sum(least(p.asked, ${escalationsMax})), 0) as escalations from (
          select sum(count) as asked from public.maestro_escalations
            where at > clock_timestamp() - make_interval(secs => ${escalationWindowS}) group by tenant_id, principal_id) p) e,
        (select count(*) as stuck from public.maestro_execution_receipts
          where state = 'claimed' and lease_until < clock_timestamp() - make_interval(secs => ${stuckS})) s,
        (select d.version as kill_version, t.document as kill_document
          from public.maestro_kill_documents d left join public.maestro_kill_terms t using (version) order by d.version desc limit 1) k`,
  ])
  const read = v.parse(SignalsSchema, rows?.[0])
  const now = Date.now()
  return {
    claims: { attempts: read.answered + read.failed, failures: read.failed, window_s: claimWindowS },
    sync: { rate: read.sync_rate, devices: read.sync_devices },
    escalations: { count: read.escalations, window_s: escalationWindowS },
    stuck: { count: read.stuck, after_s: stuckS },
    kill_version: read.kill_version,
    kill: { expires_s: Math.floor((killExpires(read.kill_document, now) - now) / 1000) },
    last_report_s: read.last_report_s,
  }
}
