import { expect, test } from 'vitest'
import { createCounters } from '../../sw/runtime/counters.ts'

const DAY = Date.UTC(2026, 0, 20)

test('REQ 1-19, 1-43, 1-44, 1-45: counts are of the present UTC day, and the sync success rate is successes per attempt, null while nobody tried', () => {
  let now = DAY
  const counters = createCounters({ clock: { now: () => now } } as Parameters<typeof createCounters>[0])
  const nothing = { crypto_initialized: true, receipt_claims_today: 0, blocked_operations: 0, man_mode_escalations: 0, sync_success_rate: null }
  expect(counters.report(true)).toEqual(nothing)
  for (let count = 0; count < 49; count += 1) counters.count('synced')
  counters.count('syncFailed')
  counters.count('claimed')
  counters.count('blocked')
  counters.count('blocked')
  counters.count('escalated')
  const counted = { ...nothing, receipt_claims_today: 1, blocked_operations: 2, man_mode_escalations: 1, sync_success_rate: 0.98 }
  expect(counters.report(true)).toEqual(counted)
  now = DAY + 86_399_999
  expect(counters.report(true)).toEqual(counted)
  now = DAY + 86_400_000
  expect(counters.report(false)).toEqual({ ...nothing, crypto_initialized: false })
})
