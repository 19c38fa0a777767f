import { expect, test } from 'vitest'
import type { ReceiptRecord } from '../../sw/core/receipt-record.ts'
import { settle } from '../../sw/runtime/policy-budgets.ts'
import { createPolicyOrder } from '../../sw/runtime/policy-order.ts'
import { newSession, sessionOf, withSession } from '../../sw/runtime/policy-session.ts'
import { NEW_STATE, type PolicyState } from '../../sw/runtime/policy-state.ts'

const record = (state: string, attempts: number) => ({ id: 'a', state, attempts }) as unknown as ReceiptRecord
const spent = { id: 'a', action: 'pay', agent: 'bot', at: 1, amount: 1, targets: [] }

test.each<[string, string, number, 'held' | 'reserved', readonly string[]]>([
  ['cancelled before it left', 'cancelled', 0, 'reserved', []],
  ['given up after it may have left', 'cancelled', 1, 'reserved', ['committed']],
  ['done', 'done', 1, 'reserved', ['committed']],
  ['dead, and may be tried again', 'dead', 3, 'reserved', ['reserved']],
  ['admitted to run', 'ready', 0, 'held', ['reserved']],
  ['admitted to ask', 'awaiting-approval', 0, 'held', []],
  ['refused by another rule', 'refused', 0, 'held', []],
  ['asks again after an attempt', 'awaiting-approval', 1, 'reserved', ['reserved']],
])('a place in a budget follows its receipt: %s', (_what, state, attempts, before, after) => {
  const settled = settle({ ...NEW_STATE, spending: [{ ...spent, state: before }] }, record(state, attempts))
  expect(settled.spending.map((each) => each.state)).toEqual(after)
})

test('of too many agents the one that rested longest makes room, and comes back as tainted as it was', async () => {
  const fill = (state: PolicyState, from: number, count: number): PolicyState =>
    Array.from({ length: count }, (_, index) => `agent-${from + index}`).reduce((now, name) => withSession(now, name, newSession(0)), state)
  const early = withSession(withSession(NEW_STATE, 'evil', { ...newSession(0), tainted: true }), 'clean', newSession(0))
  const used = withSession(fill(early, 0, 10), 'evil', { ...newSession(0), tainted: true })
  expect(Object.keys(fill(used, 10, 10).agents)).toContain('evil')
  const gone = fill(used, 10, 20)
  expect(Object.keys(gone.agents)).not.toContain('evil')
  expect([sessionOf(gone, 'evil', () => 0).tainted, sessionOf(gone, 'clean', () => 0).tainted]).toEqual([true, false])
  expect(withSession(gone, 'evil', newSession(0)).forgotten).toEqual([])
  expect(sessionOf({ ...gone, forgotten: true }, 'clean', () => 0).tainted).toBe(true)
})

test('an observed receipt is counted once, and what is remembered of that is bounded', () => {
  const order = createPolicyOrder({ ledger: { recent: () => [] } as never })
  expect([order.isUncounted('o', 'a', 5, 4), order.isUncounted('o', 'a', 5, 5), order.isUncounted('o', 'b', 4, 5)]).toEqual([true, false, false])
  // Two that are committed at once may come in either order.
  expect([order.isUncounted('o', 'd', 8, 5), order.isUncounted('o', 'c', 6, 8)]).toEqual([true, true])
  for (let seq = 10; seq < 3_000; seq += 2) expect(order.isUncounted('o', String(seq), seq, seq - 1)).toBe(true)
  expect([order.isUncounted('o', 'a', 5, 3_000), order.isUncounted('o', 'long ago', 11, 3_000)]).toEqual([false, false])
})
