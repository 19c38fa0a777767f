import { SNAPSHOT_RECEIPTS_MAX } from '../protocol/limits.ts'
import type { Delta } from '../protocol/messages.ts'
import type { ReceiptView, Snapshot } from '../protocol/views.ts'

export type SnapshotStore = {
  get(): Snapshot | null
  set(snapshot: Snapshot): void
  /** False when a number is missing: the caller fetches a snapshot instead. */
  apply(delta: Delta): boolean
  /** Takes in one receipt that an answer brought before its delta did. */
  absorb(receipt: ReceiptView): void
  subscribe(listener: (snapshot: Snapshot) => void): () => void
}

/** The page's copy of what the worker last said. */
export function createSnapshotStore(): SnapshotStore {
  let current: Snapshot | null = null
  const listeners = new Set<(snapshot: Snapshot) => void>()

  const set = (next: Snapshot): void => {
    current = next
    for (const listener of listeners) listener(next)
  }

  const merge = (old: readonly ReceiptView[], changed: readonly ReceiptView[]): readonly ReceiptView[] => {
    const ids = new Set(changed.map(({ id }) => id))
    return [...changed, ...old.filter(({ id }) => !ids.has(id))].toSorted((a, b) => b.admittedAt - a.admittedAt).slice(0, SNAPSHOT_RECEIPTS_MAX)
  }

  return {
    get: () => current,
    set,
    apply(delta) {
      if (!current || delta.boot !== current.boot || delta.seq > current.seq + 1) return false
      if (delta.seq <= current.seq) return true
      const isSamePerson = delta.principal?.user === current.principal?.user && delta.principal?.tenant === current.principal?.tenant
      set({ ...delta, receipts: merge(isSamePerson ? current.receipts : [], delta.receipts) })
      return true
    },
    absorb(receipt) {
      if (current) set({ ...current, receipts: merge(current.receipts, [receipt]) })
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
