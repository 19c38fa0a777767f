/**
 * The one way a receipt changes (law 2): a fact applied to a record gives the next record, or `null` when the fact
 * cannot happen in that state (a late answer, a cancel after the effect).
 */
import type { Json } from '../../src/base/json.ts'
import type { Failure } from '../../src/protocol/failure.ts'
import { FINAL, type ReceiptRecord, type State } from './receipt-record.ts'

export type Fact =
  | { readonly kind: 'approved'; readonly digest: string }
  | { readonly kind: 'denied'; readonly failure: Failure }
  | { readonly kind: 'expired'; readonly failure: Failure }
  | { readonly kind: 'cancelled'; readonly failure: Failure; readonly anyway?: true }
  | { readonly kind: 'leased'; readonly until: number; readonly fence: number | null }
  | { readonly kind: 'done'; readonly result: Json }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'dead'; readonly failure: Failure }
  | {
      readonly kind: 'postponed'
      readonly dueAt: number
      readonly waiting: NonNullable<ReceiptRecord['waiting']>
      readonly counts: boolean
      readonly failure?: Failure
    }
  | { readonly kind: 'unknown'; readonly failure: Failure }
  | { readonly kind: 'revived' }
  | { readonly kind: 'synced' }

const FROM: Readonly<Record<Fact['kind'], ReadonlySet<State>>> = {
  approved: new Set(['awaiting-approval']),
  denied: new Set(['awaiting-approval']),
  expired: new Set(['awaiting-approval', 'ready']),
  cancelled: new Set(['awaiting-approval', 'ready', 'unknown']),
  leased: new Set(['ready']),
  done: new Set(['ready', 'leased', 'unknown']),
  refused: new Set(['ready', 'leased']),
  dead: new Set(['ready', 'leased', 'unknown']),
  postponed: new Set(['ready', 'leased', 'unknown']),
  unknown: new Set(['leased']),
  revived: new Set(['dead', 'unknown']),
  synced: FINAL,
}

export function applyFact(record: ReceiptRecord, fact: Fact, at: number): ReceiptRecord | null {
  if (!FROM[fact.kind].has(record.state)) return null
  // "It will not run" may only be said of what never left; giving up on the rest is a person's choice, said as such.
  if (fact.kind === 'cancelled' && !fact.anyway && record.attempts > 0 && record.waiting !== 'page') return null
  const { failure: _past, ...rest } = record
  const next = { ...rest, updatedAt: at }
  switch (fact.kind) {
    case 'approved':
      return fact.digest === record.digest ? { ...next, state: 'ready', dueAt: at, waiting: null, approved: { digest: fact.digest, at } } : null
    case 'leased':
      return { ...next, state: 'leased', attempts: record.attempts + 1, leaseUntil: fact.until, fence: fact.fence ?? record.fence, waiting: null }
    case 'done':
      return { ...next, state: 'done', leaseUntil: null, waiting: null, result: fact.result, synced: false }
    case 'postponed': {
      const postponed = {
        ...next,
        state: 'ready' as const,
        dueAt: fact.dueAt,
        waiting: fact.waiting,
        leaseUntil: null,
        failures: record.failures + (fact.counts ? 1 : 0),
      }
      return fact.failure ? { ...postponed, failure: fact.failure } : postponed
    }
    case 'revived':
      return { ...next, state: 'ready', dueAt: at, waiting: null, failures: 0, synced: false }
    case 'synced':
      return { ...record, synced: true }
    case 'unknown':
      return { ...next, state: 'unknown', leaseUntil: null, waiting: 'ledger', failure: fact.failure }
    case 'denied':
    case 'expired':
    case 'cancelled':
    case 'refused':
    case 'dead':
      return { ...next, state: fact.kind, leaseUntil: null, waiting: null, failure: fact.failure, synced: false }
  }
}
