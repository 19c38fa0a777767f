import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import { admit } from '../../sw/core/admit.ts'
import { applyFact, type Fact } from '../../sw/core/apply-fact.ts'
import { backoffMs } from '../../sw/core/backoff.ts'
import { judgeAnswer } from '../../sw/core/judge-answer.ts'
import { dueNow, nextDueAt } from '../../sw/core/next-due.ts'
import { FINAL, STATES, type ReceiptRecord } from '../../sw/core/receipt-record.ts'
import { upcast } from '../../sw/core/upcast.ts'
import type { HttpOutcome } from '../../sw/ports/http-effect.ts'
import { ACTIONS, intent, STAMPS } from '../support/core-fixtures.ts'

const red = (): ReceiptRecord => admit(intent('pay', { amount: '5' }), ACTIONS.pay, { lane: 'RED', reasons: ['money'] }, STAMPS)
const why = failure('DENIED', 'no')

test('the same intent stamped the same is the same record; one byte of parameters makes another call (laws 1, 6)', () => {
  expect(red()).toEqual(red())
  const other = admit(intent('pay', { amount: '6' }), ACTIONS.pay, { lane: 'RED', reasons: ['money'] }, STAMPS)
  expect(other.id).toBe(red().id)
  expect(other.digest).not.toBe(red().digest)
  expect(other.paramsDigest).not.toBe(red().paramsDigest)
})

test('another person’s same key is another receipt', () => {
  const ben = { ...STAMPS, principal: { tenant: 'demo', user: 'ben' } }
  expect(admit(intent('pay', { amount: '5' }), ACTIONS.pay, { lane: 'RED', reasons: [] }, ben).id).not.toBe(red().id)
})

test.each([
  ['GREEN', 'ready'],
  ['YELLOW', 'awaiting-approval'],
  ['RED', 'awaiting-approval'],
  ['BLOCKED', 'refused'],
] as const)('%s is admitted as %s when there is no undo window', (lane, state) => {
  expect(admit(intent('pay', { amount: '5' }), ACTIONS.pay, { lane, reasons: [] }, STAMPS).state).toBe(state)
})

test('an approval of other bytes approves nothing (law 6)', () => {
  expect(applyFact(red(), { kind: 'approved', digest: red().digest }, 1)?.state).toBe('ready')
  expect(applyFact(red(), { kind: 'approved', digest: '0'.repeat(64) }, 1)).toBeNull()
})

const FACTS: readonly Fact[] = [
  { kind: 'approved', digest: red().digest },
  { kind: 'denied', failure: why },
  { kind: 'expired', failure: why },
  { kind: 'cancelled', failure: why },
  { kind: 'leased', until: 9, fence: 1 },
  { kind: 'done', result: null },
  { kind: 'refused', failure: why },
  { kind: 'dead', failure: why },
  { kind: 'postponed', dueAt: 5, waiting: 'retry', counts: true },
  { kind: 'unknown', failure: why, asks: true },
  { kind: 'unresolved', dueAt: null },
  { kind: 'realigned', dueAt: 5 },
]

test('no fact moves a receipt out of a final state, but for a retry of a dead one (law 2)', () => {
  for (const state of FINAL) for (const fact of FACTS) expect(applyFact({ ...red(), state }, fact, 1)).toBeNull()
  const approved = { digest: red().digest, at: 1 }
  expect(applyFact({ ...red(), state: 'dead', approved }, { kind: 'revived' }, 1)?.state).toBe('ready')
  // What no person ever approved is asked for, not run (law 6).
  expect(applyFact({ ...red(), state: 'dead' }, { kind: 'revived' }, 1)?.state).toBe('awaiting-approval')
  expect(applyFact({ ...red(), state: 'done' }, { kind: 'revived' }, 1)).toBeNull()
})

test('a leased receipt cannot be cancelled: its effect may be on its way (trap 40)', () => {
  expect(applyFact({ ...red(), state: 'leased' }, { kind: 'cancelled', failure: why }, 1)).toBeNull()
  expect(applyFact({ ...red(), state: 'ready' }, { kind: 'cancelled', failure: why }, 1)?.state).toBe('cancelled')
})

test('what was stamped at admission is never changed by any run of facts (law 1)', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...FACTS), { maxLength: 12 }), fc.constantFrom(...STATES), (facts, state) => {
      const first: ReceiptRecord = { ...red(), state }
      const last = facts.reduce((record, fact) => applyFact(record, fact, 7) ?? record, first)
      const stamped = ({ id, key, traceId, call, digest, paramsDigest, lane, admittedAt }: ReceiptRecord) => ({
        id,
        key,
        traceId,
        call,
        digest,
        paramsDigest,
        lane,
        admittedAt,
      })
      expect(stamped(last)).toEqual(stamped(first))
    }),
  )
})

const json = (status: number, body: unknown = { ok: true }): HttpOutcome => ({ kind: 'answer', status, body: body as never })

test.each([
  [json(200), 'done'],
  [json(201), 'done'],
  [{ kind: 'answer', status: 204, body: null } as HttpOutcome, 'done'],
  [{ kind: 'unreadable', status: 200 } as HttpOutcome, 'later'],
  [json(301), 'later'],
  [{ kind: 'unreadable', status: 0 } as HttpOutcome, 'later'],
  [json(400), 'dead'],
  [json(401), 'auth'],
  [json(403), 'dead'],
  [json(404), 'dead'],
  [json(408), 'later'],
  [json(409), 'later'],
  [json(410), 'dead'],
  [json(413), 'dead'],
  [json(422), 'refused'],
  [json(425), 'later'],
  [json(429), 'later'],
  [json(500), 'later'],
  [json(503), 'later'],
  [{ kind: 'unreadable', status: 502 } as HttpOutcome, 'later'],
  [{ kind: 'lost' } as HttpOutcome, 'lost'],
])('an answer %j means %s (law 11)', (outcome, kind) => {
  expect(judgeAnswer(outcome).kind).toBe(kind)
})

test('what a message says never decides: a server error that mentions 401 is still a server error', () => {
  expect(judgeAnswer(json(500, { message: 'order 84013: 401 400 not retryable' })).kind).toBe('later')
})

test('backoff grows, is capped, keeps the server’s floor, and the floor itself is bounded (REQ 1-18)', () => {
  expect(backoffMs(0, 1)).toBe(LIMITS.backoffBaseMs)
  expect(backoffMs(3, 1)).toBe(8 * LIMITS.backoffBaseMs)
  expect(backoffMs(60, 1)).toBe(LIMITS.backoffCapMs)
  expect(backoffMs(0, 0, 30_000)).toBe(30_000)
  expect(backoffMs(0, 0, Number.MAX_SAFE_INTEGER)).toBe(LIMITS.retryAfterMsMax)
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }), (n, unit) => {
      expect(backoffMs(n, unit)).toBeGreaterThan(0)
    }),
  )
})

const waiting = (order: number, record: Partial<ReceiptRecord>) => ({
  order,
  record: { ...red(), state: 'ready' as const, dueAt: 0, waiting: null, ...record },
})

test('order is kept inside a sequence, and one poison item blocks nobody else', () => {
  const items = [
    waiting(1, { sequence: 'a', dueAt: 100 }),
    waiting(2, { sequence: 'a' }),
    waiting(3, { sequence: 'b' }),
    waiting(4, { sequence: null }),
  ]
  expect(dueNow(items, 50).map(({ order }) => order)).toEqual([3, 4])
  expect(dueNow(items, 100).map(({ order }) => order)).toEqual([1, 3, 4])
  expect(nextDueAt(items, () => true)).toBe(0)
  expect(nextDueAt([waiting(1, { state: 'awaiting-approval' })], () => true)).toBeNull()
})

test('when the network is back, what waited for it is due at once; what waits for a retry is not', () => {
  const items = [waiting(1, { dueAt: 100, waiting: 'network' }), waiting(2, { dueAt: 100, waiting: 'retry' })]
  expect(dueNow(items, 50).map(({ order }) => order)).toEqual([])
  expect(dueNow(items, 50, true).map(({ order }) => order)).toEqual([1])
})

test('what stands behind an undecided receipt of its sequence has no time of its own: nobody spins waiting for it', () => {
  const asking = waiting(1, { sequence: 'a', state: 'awaiting-approval' })
  expect(nextDueAt([asking, waiting(2, { sequence: 'a', dueAt: 5 })], () => true)).toBeNull()
  expect(nextDueAt([asking, waiting(2, { sequence: 'b', dueAt: 5 })], () => true)).toBe(5)
  expect(nextDueAt([waiting(1, { state: 'leased', leaseUntil: 70 })], () => true)).toBe(70)
})

test.each([
  [{ kind: 'answer', status: 503, body: null, waitMs: 1_000 }, false],
  [{ kind: 'answer', status: 503, body: null }, true],
  [{ kind: 'answer', status: 500, body: null, waitMs: 1_000 }, true],
  [{ kind: 'answer', status: 429, body: null }, false],
  [{ kind: 'answer', status: 409, body: null }, false],
  [{ kind: 'answer', status: 302, body: null }, true],
  [{ kind: 'unreadable', status: 0 }, true],
  [{ kind: 'unreadable', status: 200 }, true],
] as readonly (readonly [HttpOutcome, boolean])[])('after %j the effect may have run: %s', (outcome, mayHaveRun) => {
  expect(judgeAnswer(outcome)).toMatchObject({ kind: 'later', mayHaveRun })
})

test('what an older attempt says of a newer one is not true any more', () => {
  const leased: ReceiptRecord = { ...red(), state: 'leased', attempts: 2, leaseUntil: 50 }
  const late = { kind: 'postponed', dueAt: 5, waiting: 'retry', counts: true } as const
  expect(applyFact(leased, { ...late, attempt: 1 }, 1)).toBeNull()
  expect(applyFact(leased, { kind: 'unknown', failure: why, asks: true, attempt: 1 }, 1)).toBeNull()
  expect(applyFact(leased, { ...late, attempt: 2 }, 1)?.state).toBe('ready')
  expect(applyFact(leased, late, 1)?.state).toBe('ready')
})

test('what is taken back from a capsule waits on as it did, never longer than when it was packed', () => {
  const ready: ReceiptRecord = { ...red(), state: 'ready', updatedAt: 100, dueAt: 1_100, approved: { digest: red().digest, at: 1 } }
  const packed = applyFact(ready, { kind: 'exported' }, 200)
  expect(packed).toMatchObject({ state: 'exported', resume: 'ready' })
  const back = (at: number) => packed && applyFact(packed, { kind: 'revived' }, at)
  expect(back(300)).toMatchObject({ state: 'ready', dueAt: 1_100, resume: null })
  expect(back(5_000)).toMatchObject({ state: 'ready', dueAt: 5_000 })
  // The device's clock went back meanwhile: the wait is as long as it was, from now.
  expect(back(10)).toMatchObject({ state: 'ready', dueAt: 910 })
})

test.each([
  ['RED', 'ready', null, true],
  ['YELLOW', 'awaiting-approval', null, true],
  ['YELLOW', 'ready', { digest: 'd', at: 1 }, true],
  ['YELLOW', 'ready', null, false],
  ['GREEN', 'ready', null, false],
] as const)('a receipt of shape 1 that is %s and %s, approved %j, asks a person: %s', (lane, state, approved, asks) => {
  const { asks: _asks, keptUntil: _kept, resume: _resume, ...old } = red()
  expect(upcast(1, { ...old, v: 1, lane, state, approved })?.asks).toBe(asks)
})

test('what waits for a person is not put off into running again by a worker that knows less; what the ledger is asked about may be (law 5)', () => {
  const later: Fact = { kind: 'postponed', dueAt: 9, waiting: 'network', counts: true, attempt: 1 }
  const unknown: ReceiptRecord = { ...red(), state: 'unknown', attempts: 1 }
  expect(applyFact({ ...unknown, waiting: null }, later, 1)).toBeNull()
  expect(applyFact({ ...unknown, waiting: 'ledger' }, later, 1)?.state).toBe('ready')
})
