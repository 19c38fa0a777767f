import type postgres from 'postgres'
import type { Caller } from '../_shared/caller.ts'
import type { Report } from './schema.ts'

/** The statement that keeps how much waits on a device, where it says so. */
export const queueing = (tx: postgres.Sql, caller: Caller, device: string, { waiting, awaiting_approval }: Report) =>
  waiting === undefined
    ? []
    : [
        tx`insert into public.maestro_device_queues (tenant_id, principal_id, device_id, waiting, awaiting_approval)
          values (${caller.tenant}, ${caller.principal}, ${device}, ${waiting}, ${awaiting_approval ?? 0})
          on conflict (tenant_id, principal_id, device_id) do update set waiting = excluded.waiting,
            awaiting_approval = excluded.awaiting_approval, updated_at = clock_timestamp()`,
      ]

/** The statement that keeps a device's counts of the present UTC day; the newest report wins. */
export const reporting = (tx: postgres.Sql, caller: Caller, device: string, report: Report): postgres.PendingQuery<postgres.Row[]> =>
  tx`insert into public.maestro_device_reports
      (tenant_id, principal_id, device_id, crypto_initialized, blocked_operations, man_mode_escalations, sync_success_rate)
    values (${caller.tenant}, ${caller.principal}, ${device}, ${report.crypto_initialized}, ${report.blocked_operations},
      ${report.man_mode_escalations}, ${report.sync_success_rate})
    on conflict (day, tenant_id, principal_id, device_id) do update set crypto_initialized = excluded.crypto_initialized,
      blocked_operations = excluded.blocked_operations, man_mode_escalations = excluded.man_mode_escalations,
      sync_success_rate = excluded.sync_success_rate, updated_at = clock_timestamp()`
