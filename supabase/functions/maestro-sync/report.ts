import type postgres from 'postgres'
import type { Report } from './schema.ts'

/** The statement that keeps how much waits on a device, where it says so. */
export const queueing = (tx: postgres.Sql, device: string, { waiting, awaiting_approval }: Report) =>
  waiting === undefined ? [] : [tx`select public.maestro_note_queue(${device}, ${waiting}, ${awaiting_approval ?? 0})`]

/** The statement that keeps a device's counts of the present UTC day; the newest report wins. */
export const reporting = (tx: postgres.Sql, device: string, report: Report): postgres.PendingQuery<postgres.Row[]> =>
  tx`select public.maestro_note_report(${device}, ${report.crypto_initialized}, ${report.blocked_operations}, ${report.man_mode_escalations},
    ${report.sync_success_rate})`
