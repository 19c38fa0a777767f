/** This worker's counts of today (UTC), for health: a worker that starts anew begins at zero, and so does a new day. */
import type { DeviceReport } from '../ports/receipt-server.ts'
import type { ClockDep } from '../ports/clock.ts'

export type Counters = {
  count(what: 'blocked' | 'escalated' | 'claimed' | 'synced' | 'syncFailed'): void
  report(isCryptoReady: boolean): DeviceReport & { readonly receipt_claims_today: number }
}

export function createCounters({ clock }: ClockDep): Counters {
  const fresh = (): Record<Parameters<Counters['count']>[0], number> => ({ blocked: 0, escalated: 0, claimed: 0, synced: 0, syncFailed: 0 })
  let day = ''
  let counts = fresh()
  const roll = (): void => {
    const today = new Date(clock.now()).toISOString().slice(0, 10)
    if (today !== day) counts = fresh()
    day = today
  }
  return {
    count(what) {
      roll()
      counts[what] += 1
    },
    report(isCryptoReady) {
      roll()
      const tried = counts.synced + counts.syncFailed
      return {
        crypto_initialized: isCryptoReady,
        receipt_claims_today: counts.claimed,
        blocked_operations: counts.blocked,
        man_mode_escalations: counts.escalated,
        sync_success_rate: tried === 0 ? null : Math.round((counts.synced / tried) * 10_000) / 10_000,
      }
    },
  }
}
