/**
 * Which receipts may be tried now.
 *
 * N1 Order is kept inside a sequence: an earlier waiting receipt of the same sequence blocks the later ones.
 * N2 When the network is back, what waited for it is due at once, whatever its backoff said.
 * N3 Sequences and receipts without one are independent: nothing blocks its neighbours.
 */
import { FINAL, type ReceiptRecord } from './receipt-record.ts'

export type Waiting = { readonly order: number; readonly record: ReceiptRecord }

/** What no earlier receipt of its sequence stands before, in admission order. */
const unblocked = <T extends Waiting>(waiting: readonly T[]): readonly T[] => {
  const begun = new Set<string>()
  return waiting
    .filter(({ record }) => !FINAL.has(record.state))
    .toSorted((a, b) => a.order - b.order)
    .filter(({ record: { sequence } }) => {
      if (sequence === null) return true
      const isFirst = !begun.has(sequence)
      begun.add(sequence)
      return isFirst
    })
}

export const dueNow = <T extends Waiting>(waiting: readonly T[], now: number, isNetworkBack = false): readonly T[] =>
  unblocked(waiting).filter(({ record }) => record.state === 'ready' && (record.dueAt <= now || (isNetworkBack && record.waiting === 'network')))

/** The earliest time something is due or a lease ends, or `null` when nothing waits for time to pass. */
export function nextDueAt(waiting: readonly Waiting[]): number | null {
  const times = unblocked(waiting).flatMap(({ record: { state, dueAt, leaseUntil } }) =>
    state === 'ready' ? [dueAt] : state === 'leased' && leaseUntil !== null ? [leaseUntil] : [],
  )
  return times.length > 0 ? Math.min(...times) : null
}
