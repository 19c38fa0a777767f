/**
 * What the passing of time alone does to a receipt: facts that nobody asks for, told at the beginning of every round.
 *
 * O1 A lease ends by its time, not by memory (law 4); at a worker's start nobody is left who could be running one.
 *    What became of a request the shared ledger may know, where there is one; of a page's work only a person.
 * O2 Waits that were laid before the device's clock went back are counted from now; otherwise they would last for years.
 */
import { failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Effect } from '../ports/action.ts'
import { isKeyed } from './action-of.ts'
import type { Fact } from './apply-fact.ts'
import type { ReceiptRecord } from './receipt-record.ts'

/** A lease that a dead worker left behind: sent again where the key protects, otherwise its outcome is unknown. */
function abandoned(record: ReceiptRecord, effect: Effect, now: number, isFirstLook: boolean, hasServer: boolean): Fact | null {
  const leftMs = (record.leaseUntil ?? 0) - now
  // A lease that ends later than any could was laid by another clock.
  if (!isFirstLook && leftMs > 0 && leftMs <= LIMITS.leaseMs + LIMITS.clockBackMs) return null
  if (isKeyed(effect)) return { kind: 'postponed', dueAt: now, waiting: 'ledger', counts: false }
  return {
    kind: 'unknown',
    asks: hasServer && effect.kind === 'http',
    failure: failure('OUTCOME_UNKNOWN', 'the worker stopped before an answer came'),
  }
}

export function overdue(record: ReceiptRecord, effect: Effect, now: number, isFirstLook: boolean, hasServer: boolean): Fact | null {
  if (record.state === 'leased') return abandoned(record, effect, now, isFirstLook, hasServer)
  const isLaidLater = record.updatedAt > now + LIMITS.clockBackMs && (record.state === 'ready' || record.state === 'unknown')
  return isLaidLater ? { kind: 'realigned', dueAt: now + Math.max(0, record.dueAt - record.updatedAt) } : null
}
