/**
 * Which receipts may be tried now.
 *
 * N1 Order is kept inside a sequence: an earlier waiting receipt of the same sequence blocks the later ones.
 * N2 When the network is back, what waited for it is due at once, whatever its backoff said.
 * N3 Sequences and receipts without one are independent: nothing blocks its neighbours.
 */
import { FINAL, type ReceiptRecord } from './receipt-record.ts'

export type Waiting = { readonly order: number; readonly record: ReceiptRecord }

export function dueNow(waiting: readonly Waiting[], now: number, isNetworkBack = false): readonly Waiting[] {
  const blocked = new Set<string>()
  const due: Waiting[] = []
  for (const item of waiting.toSorted((a, b) => a.order - b.order)) {
    const { sequence, state, dueAt, waiting: reason } = item.record
    if (FINAL.has(state)) continue
    const isBlocked = sequence !== null && blocked.has(sequence)
    if (sequence !== null) blocked.add(sequence)
    if (!isBlocked && state === 'ready' && (dueAt <= now || (isNetworkBack && reason === 'network'))) due.push(item)
  }
  return due
}

/** The earliest time something is due, or `null` when nothing waits for time to pass. */
export function nextDueAt(waiting: readonly Waiting[]): number | null {
  const times = waiting.filter(({ record }) => record.state === 'ready').map(({ record }) => record.dueAt)
  return times.length > 0 ? Math.min(...times) : null
}
