/** What the passing of time alone does to a receipt. */
import { expect, test } from 'vitest'
import * as LIMITS from '../../src/protocol/limits.ts'
import { http } from '../../sw/boot/effects.ts'
import { admit } from '../../sw/core/admit.ts'
import { overdue } from '../../sw/core/overdue.ts'
import type { ReceiptRecord } from '../../sw/core/receipt-record.ts'
import type { Effect } from '../../sw/ports/action.ts'
import { ACTIONS, intent, STAMPS } from '../support/core-fixtures.ts'

const NOW = 1_000_000_000
const KEYED = http({ url: '/a' })
const UNKEYED = http({ url: '/a', keyed: false })
const PAGE: Effect = { kind: 'page', name: 'print' }

const mail = admit(intent('mail', { to: 'a' }), ACTIONS.mail, { lane: 'GREEN', reasons: [] }, { ...STAMPS, now: NOW })
const leased = (leaseUntil: number): ReceiptRecord => ({ ...mail, state: 'leased', attempts: 1, leaseUntil })

test('a lease holds until its end, and a keyed effect is then due again', () => {
  expect(overdue(leased(NOW + 1), KEYED, NOW, false, true)).toBeNull()
  expect(overdue(leased(NOW), KEYED, NOW, false, true)).toMatchObject({ kind: 'postponed', dueAt: NOW, counts: false })
})

test('at a worker’s first look nobody is left who could be running one', () => {
  expect(overdue(leased(NOW + 1), KEYED, NOW, true, true)).toMatchObject({ kind: 'postponed' })
})

test('a lease that ends later than any could was laid by another clock, and is over', () => {
  const longest = NOW + LIMITS.leaseMs + LIMITS.clockBackMs
  expect(overdue(leased(longest), KEYED, NOW, false, true)).toBeNull()
  expect(overdue(leased(longest + 1), KEYED, NOW, false, true)).toMatchObject({ kind: 'postponed' })
})

test.each([
  ['a request', UNKEYED, true, true],
  ['a request', UNKEYED, false, false],
  ['a page', PAGE, true, false],
  ['a page', PAGE, false, false],
] as const)('where no key protects, what %s did is unknown; a shared ledger is asked only where it can know', (_what, effect, hasServer, asks) => {
  expect(overdue(leased(NOW), effect, NOW, false, hasServer)).toMatchObject({ kind: 'unknown', asks, failure: { code: 'OUTCOME_UNKNOWN' } })
})

test('a wait that was laid before the clock went back is as long as it was, from now; a small skew is none', () => {
  const at = (updatedAt: number): ReceiptRecord => ({ ...mail, updatedAt, dueAt: updatedAt + 5_000 })
  expect(overdue(at(NOW + LIMITS.clockBackMs), KEYED, NOW, false, true)).toBeNull()
  expect(overdue(at(NOW + LIMITS.clockBackMs + 1), KEYED, NOW, false, true)).toEqual({ kind: 'realigned', dueAt: NOW + 5_000 })
  const asking: ReceiptRecord = { ...at(NOW + 2 * LIMITS.clockBackMs), state: 'awaiting-approval' }
  expect(overdue(asking, KEYED, NOW, false, true)).toBeNull()
})
