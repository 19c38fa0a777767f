import type { Metrics } from './read-state.ts'
import type { Signals } from './signals.ts'

type Health = {
  readonly healthy: boolean
  readonly enabled: boolean
  readonly version: string
  /** Null while the database does not answer. */
  readonly metrics: Metrics | null
  readonly signals: Signals | null
}

const NAN = 'NaN'
const flag = (value: boolean): string => (value ? '1' : '0')

/** The Prometheus text format 0.0.4: the six metrics of the runbook under its names, and the windows that the alert rules read. */
export const prometheusText = ({ healthy, enabled, version, metrics, signals }: Health): string => {
  const lines: string[] = []
  const gauge = (name: string, help: string, value: string, labels = ''): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name}${labels} ${value}`)
  }
  gauge('maestro_info', 'The version that answers.', '1', `{version="${version}"}`)
  gauge('maestro_healthy', '1 while the database answers and every table and function is there.', flag(healthy))
  gauge('maestro_enabled', '1 unless the deployment or the kill document in force says disabled.', flag(enabled))
  if (metrics !== null) {
    gauge('maestro_crypto_initialized', '1 when every device that reported today (UTC) sealed and opened a record.', flag(metrics.crypto_initialized))
    gauge('maestro_receipt_claims_today', 'Receipts claimed since midnight UTC.', String(metrics.receipt_claims_today))
    gauge('maestro_blocked_operations', 'Operations refused by policy since midnight UTC.', String(metrics.blocked_operations))
    gauge('maestro_man_mode_escalations', 'Operations that asked a person since midnight UTC.', String(metrics.man_mode_escalations))
    gauge(
      'maestro_sync_success_rate',
      'Successes per attempt since midnight UTC, mean over devices that tried; NaN while none did.',
      String(metrics.sync_success_rate ?? NAN),
    )
  }
  if (signals !== null) {
    gauge('maestro_claim_attempts', `Claims of the last ${signals.claims.window_s} seconds.`, String(signals.claims.attempts))
    gauge(
      'maestro_claim_failures',
      `Claims refused or not served in the last ${signals.claims.window_s} seconds; duplicates are none.`,
      String(signals.claims.failures),
    )
    gauge('maestro_sync_devices', 'Devices that tried to sync since midnight UTC.', String(signals.sync.devices))
    gauge(
      'maestro_escalations_hour',
      `Operations that asked a person in the last ${signals.escalations.window_s} seconds.`,
      String(signals.escalations.count),
    )
    gauge('maestro_stuck_receipts', `Receipts unfinished ${signals.stuck.after_s} seconds after their lease.`, String(signals.stuck.count))
    gauge('maestro_kill_version', 'Version of the kill document in force.', String(signals.kill_version))
    gauge('maestro_kill_expires_s', 'Seconds for which devices may still accept the kill document in force.', String(signals.kill.expires_s))
  }
  return `${lines.join('\n')}\n`
}
