import { snapshotReceiptsMax } from '../protocol/limits.ts'
import type { Delta } from '../protocol/messages.ts'
import type { ReceiptView, Snapshot } from '../protocol/views.ts'

export type SnapshotStore = {
  get(): Snapshot | null
  set(snapshot: Snapshot): void
  /** False when a number is missing: the caller fetches a snapshot instead. */
  apply(delta: Delta): boolean
  /** Takes in one receipt that an answer brought before its delta did. Seen by whoever looks; listeners hear of it with the delta. */
  absorb(receipt: ReceiptView): void
  find(id: string): ReceiptView | undefined
  subscribe(listener: (snapshot: Snapshot) => void): () => void
}

/** The page's copy of what the worker last said. */
export function createSnapshotStore(): SnapshotStore {
  let current: Snapshot | null = null
  /** Merged at the next look, not one by one: a burst would sort the list once for every answer. */
  const absorbed = new Map<string, ReceiptView>()
  const listeners = new Set<(snapshot: Snapshot) => void>()

  const set = (next: Snapshot): void => {
    current = next
    absorbed.clear()
    for (const listener of listeners) listener(next)
  }

  const merge = (old: readonly ReceiptView[], changed: readonly ReceiptView[]): readonly ReceiptView[] => {
    const ids = new Set(changed.map(({ id }) => id))
    return [...changed, ...old.filter(({ id }) => !ids.has(id))].toSorted((a, b) => b.admittedAt - a.admittedAt).slice(0, snapshotReceiptsMax)
  }

  const get = (): Snapshot | null => {
    if (current && absorbed.size > 0) current = { ...current, receipts: merge(current.receipts, [...absorbed.values()]) }
    absorbed.clear()
    return current
  }

  return {
    get,
    set,
    find: (id) => absorbed.get(id) ?? current?.receipts.find((receipt) => receipt.id === id),
    apply(delta) {
      const before = get()
      if (!before || delta.boot !== before.boot || delta.seq > before.seq + 1) return false
      if (delta.seq <= before.seq) return true
      const isSamePerson = delta.principal?.user === before.principal?.user && delta.principal?.tenant === before.principal?.tenant
      set({ ...delta, receipts: merge(isSamePerson ? before.receipts : [], delta.receipts) })
      return true
    },
    absorb(receipt) {
      absorbed.set(receipt.id, receipt)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
