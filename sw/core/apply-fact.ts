/**
 * The one way a receipt changes (law 2): a fact applied to a record gives the next record, or `null` when the fact
 * cannot happen in that state (a late answer, a cancel after the effect).
 */
import type { Json } from '../../src/base/json.ts'
import type { Failure } from '../../src/protocol/failure.ts'
import { FINAL, needsPerson, type ReceiptRecord, type State } from './receipt-record.ts'

export type Fact =
  | { readonly kind: 'approved'; readonly digest: string; readonly evidence?: Json | undefined }
  | { readonly kind: 'denied'; readonly failure: Failure }
  | { readonly kind: 'expired'; readonly failure: Failure }
  | { readonly kind: 'cancelled'; readonly failure: Failure; readonly anyway?: true }
  | { readonly kind: 'leased'; readonly until: number; readonly fence: number | null; readonly keptUntil?: number | null }
  | { readonly kind: 'done'; readonly result: Json }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'dead'; readonly failure: Failure }
  | {
      readonly kind: 'postponed'
      readonly dueAt: number
      readonly waiting: NonNullable<ReceiptRecord['waiting']>
      readonly counts: boolean
      /** Which attempt says so; what an older one says of a newer is not true any more. */
      readonly attempt?: number
      readonly failure?: Failure | undefined
    }
  /** `asks`: the shared ledger may know more; without it only a person can. */
  | { readonly kind: 'unknown'; readonly failure: Failure; readonly asks: boolean; readonly fence?: number; readonly attempt?: number }
  /** The ledger was asked and did not know: again at `dueAt`, or a person's from now on. */
  | { readonly kind: 'unresolved'; readonly dueAt: number | null }
  /** Packed into a rescue capsule: it runs elsewhere, or here again when it is taken back. */
  | { readonly kind: 'exported' }
  /** The device's clock went back: the same wait, counted from now. */
  | { readonly kind: 'realigned'; readonly dueAt: number }
  | { readonly kind: 'revived' }
  | { readonly kind: 'synced' }

const FROM: Readonly<Record<Fact['kind'], readonly State[]>> = {
  approved: ['awaiting-approval'],
  denied: ['awaiting-approval'],
  expired: ['awaiting-approval', 'ready'],
  cancelled: ['awaiting-approval', 'ready', 'unknown', 'dead', 'exported'],
  leased: ['ready'],
  done: ['ready', 'leased', 'unknown'],
  refused: ['ready', 'leased'],
  dead: ['ready', 'leased', 'unknown'],
  postponed: ['ready', 'leased', 'unknown'],
  unknown: ['ready', 'leased'],
  unresolved: ['unknown'],
  realigned: ['ready', 'unknown'],
  exported: ['awaiting-approval', 'ready', 'dead', 'unknown'],
  revived: ['dead', 'unknown', 'exported'],
  synced: [...FINAL],
}

export function applyFact(record: ReceiptRecord, fact: Fact, at: number): ReceiptRecord | null {
  if (!FROM[fact.kind].includes(record.state)) return null
  if ((fact.kind === 'postponed' || fact.kind === 'unknown') && fact.attempt !== undefined && fact.attempt !== record.attempts) return null
  // What waits for a person is moved by nobody else: another worker that knows less cannot put it off into running again.
  if (fact.kind === 'postponed' && needsPerson(record)) return null
  // "It will not run" may only be said of what never left; giving up on the rest is a person's choice, said as such.
  const mayHaveLeft =
    record.state === 'unknown' || (record.attempts > 0 && record.waiting !== 'page') || record.state === 'dead' || record.state === 'exported'
  if (fact.kind === 'cancelled' && !fact.anyway && mayHaveLeft) return null
  const { failure: _past, ...rest } = record
  const next = { ...rest, updatedAt: at }
  switch (fact.kind) {
    case 'approved':
      return fact.digest === record.digest
        ? { ...next, state: 'ready', dueAt: at, waiting: null, approved: { digest: fact.digest, at, evidence: fact.evidence } }
        : null
    case 'leased':
      return {
        ...next,
        state: 'leased',
        attempts: record.attempts + 1,
        leaseUntil: fact.until,
        fence: fact.fence ?? record.fence,
        keptUntil: record.keptUntil ?? fact.keptUntil ?? null,
        waiting: null,
        revived: undefined,
      }
    case 'done':
      return { ...next, state: 'done', leaseUntil: null, waiting: null, result: fact.result, synced: false }
    case 'postponed':
      return {
        ...next,
        state: 'ready',
        dueAt: fact.dueAt,
        waiting: fact.waiting,
        leaseUntil: null,
        failures: record.failures + (fact.counts ? 1 : 0),
        failure: fact.failure,
      }
    case 'realigned':
      return { ...record, updatedAt: at, dueAt: fact.dueAt }
    case 'exported':
      return { ...record, updatedAt: at, state: 'exported', resume: record.state }
    case 'revived':
      if (record.state === 'exported') {
        // Its wait goes on (a window to undo it, a server's Retry-After), but never longer than it was when it was packed.
        const leftMs = Math.max(0, record.dueAt - record.updatedAt)
        const dueAt = Math.min(Math.max(record.dueAt, at), at + leftMs)
        return { ...record, updatedAt: at, dueAt, state: record.resume ?? 'ready', resume: null, revived: true }
      }
      // Whoever sends it again knows that the far end may have forgotten the key: the promise starts anew.
      return {
        ...next,
        // What a person never approved is asked for now: an outcome that came with a capsule, say.
        state: record.asks && record.approved === null ? 'awaiting-approval' : 'ready',
        dueAt: at,
        waiting: null,
        revived: true,
        failures: 0,
        synced: false,
        keptUntil: null,
      }
    case 'synced':
      return { ...record, synced: true }
    case 'unknown':
      return {
        ...next,
        state: 'unknown',
        leaseUntil: null,
        dueAt: at,
        waiting: fact.asks ? 'ledger' : null,
        fence: fact.fence ?? record.fence,
        failure: fact.failure,
      }
    case 'unresolved':
      return { ...record, updatedAt: at, dueAt: fact.dueAt ?? record.dueAt, waiting: fact.dueAt === null ? null : 'ledger' }
    case 'denied':
    case 'expired':
    case 'cancelled':
    case 'refused':
    case 'dead':
      return { ...next, state: fact.kind, leaseUntil: null, waiting: null, failure: fact.failure, synced: false }
  }
}
