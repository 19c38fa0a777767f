import type { MemoryChange, MemoryRow, MemoryStoreName } from '../ports/memory-store.ts'
import { decide, idOf } from './memory-change.ts'

/** What may wait in a worker's memory, together: rows, and bytes of their envelopes. */
const ROWS_MAX = 500
const BYTES_MAX = 4 * 1024 * 1024

type Waiting = Extract<MemoryChange, { readonly put: MemoryRow }>

type MemoryShelf = {
  size(): number
  get(store: MemoryStoreName, id: string): MemoryRow | undefined
  /** An owner's rows on disk, oldest first, as they will be when what waits is among them. */
  among(store: MemoryStoreName, owner: string, onDisk: readonly MemoryRow[]): readonly MemoryRow[]
  /** `refused`: there is no room, or it is about a row that lies on the disk which cannot be asked. */
  put(changes: readonly MemoryChange[]): 'kept' | 'changed' | 'refused'
  changes(): readonly Waiting[]
  /** It is on disk now, unless something newer has taken its place here meanwhile. */
  drop(change: Waiting): void
}

/** Rows that wait for the disk. */
export function createMemoryShelf(): MemoryShelf {
  const rows = new Map<string, Waiting>()
  const nameOf = (store: MemoryStoreName, id: string): string => `${store}/${id}`

  return {
    size: () => rows.size,
    get: (store, id) => rows.get(nameOf(store, id))?.put,
    among(store, owner, onDisk) {
      const waiting = [...rows.values()].filter((change) => change.store === store && change.put.owner === owner)
      if (waiting.length === 0) return onDisk
      const all = new Map(onDisk.map((row) => [row.id, row]))
      for (const change of waiting) if (decide(change, all.get(change.put.id))) all.set(change.put.id, change.put)
      return [...all.values()].toSorted((a, b) => a.at - b.at)
    },
    put(changes) {
      const next = new Map(rows)
      for (const change of changes) {
        const name = nameOf(change.store, idOf(change))
        const there = rows.get(name)?.put
        if (change.over !== 'unseen' && !there) return 'refused'
        const decided = decide(change, there)
        if (!decided) return 'changed'
        if ('put' in decided) next.set(name, { store: change.store, put: decided.put, over: 'unseen' })
        else next.delete(name)
      }
      const bytes = [...next.values()].reduce((sum, { put }) => sum + put.sealed.length, 0)
      if (next.size > rows.size && (next.size > ROWS_MAX || bytes > BYTES_MAX)) return 'refused'
      rows.clear()
      for (const [name, change] of next) rows.set(name, change)
      return 'kept'
    },
    changes: () => [...rows.values()],
    drop(change) {
      const name = nameOf(change.store, change.put.id)
      if (rows.get(name) === change) rows.delete(name)
    },
  }
}
