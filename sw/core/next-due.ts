/**
 * Which receipts may be tried now, and what the others wait for.
 *
 * N1 Order is kept inside a sequence: the first open receipt of a sequence stands before the later ones.
 * N2 A dead letter keeps its place until a person retries, edits or gives it up: what was built on it does not run without it.
 * N3 When the network is back, a page came or somebody signed in, what waited for that is due at once, whatever its backoff said.
 * N4 Sequences and receipts without one are independent: nothing blocks its neighbours.
 */
import { FINAL, needsPerson, type ReceiptRecord } from './receipt-record.ts'

export type Waiting = { readonly order: number; readonly record: ReceiptRecord }

/** Open, or failed and not yet dealt with. */
export const keepsPlace = ({ state }: ReceiptRecord): boolean => !FINAL.has(state) || state === 'dead'

/** The first open receipt of each sequence. */
function heads<T extends Waiting>(open: readonly T[]): ReadonlyMap<string, T> {
  const first = new Map<string, T>()
  for (const item of open) {
    const { sequence } = item.record
    if (sequence === null || !keepsPlace(item.record)) continue
    const there = first.get(sequence)
    if (!there || item.order < there.order) first.set(sequence, item)
  }
  return first
}

/** What stands first in its sequence, or in none. */
function unblocked<T extends Waiting>(open: readonly T[]): readonly T[] {
  const first = heads(open)
  return open.filter((item) => item.record.sequence === null || first.get(item.record.sequence) === item)
}

/** Waits for nothing but time, or a word of the ledger. */
export const isMovable = (record: ReceiptRecord): boolean => record.state === 'ready' || (record.state === 'unknown' && record.waiting === 'ledger')

const FREED: ReadonlySet<ReceiptRecord['waiting']> = new Set<ReceiptRecord['waiting']>(['network', 'page', 'sign-in'])

/** In admission order. */
export const dueNow = <T extends Waiting>(open: readonly T[], now: number, isBack = false): readonly T[] =>
  unblocked(open)
    .filter(({ record }) => isMovable(record) && (record.dueAt <= now || (isBack && FREED.has(record.waiting))))
    .toSorted((a, b) => a.order - b.order)

/** The earliest time something that this device is able to move is due or a lease ends; `null` when nothing waits for time to pass. */
export function nextDueAt(open: readonly Waiting[], isAble: (record: ReceiptRecord) => boolean): number | null {
  let next: number | null = null
  for (const { record } of unblocked(open)) {
    if (!isAble(record)) continue
    const at = isMovable(record) ? record.dueAt : record.state === 'leased' ? record.leaseUntil : null
    if (at !== null && (next === null || at < next)) next = at
  }
  return next
}

/** Tells the key of the failed receipt that one waits for, if there is one; what is open is looked through once, for the first that asks. */
export function blockers(open: () => readonly Waiting[]): (record: ReceiptRecord) => string | null {
  let known: ReadonlyMap<string, Waiting> | undefined
  return ({ id, state, sequence }) => {
    if (sequence === null || FINAL.has(state)) return null
    known ??= heads(open())
    const first = known.get(sequence)?.record
    return first && needsPerson(first) && first.id !== id ? first.key : null
  }
}
