/** Memory in IndexedDB, and in the worker's own memory while that cannot be opened. Nothing is sealed or opened here. */
import { err, ok, type Result } from '../../src/base/result.ts'
import type { LogDep } from '../ports/log.ts'
import type { StoreFailure } from '../ports/ledger-store.ts'
import type { MemoryChange, MemoryRow, MemoryStore, MemoryStoreName } from '../ports/memory-store.ts'
import { createMemoryDatabase, type MemoryDatabase } from './memory-database.ts'

/** After the database could not be opened, it is tried again no sooner. */
const RETRY_MS = 2_000
const EXISTS = { code: 'EXISTS', name: 'ConstraintError' } as const

type Shelf = Map<string, MemoryRow>

const byTime = (rows: readonly MemoryRow[]): readonly MemoryRow[] => rows.toSorted((a, b) => a.at - b.at)

const range = (owner: string): IDBKeyRange => IDBKeyRange.bound([owner], [owner, []])

async function commit(database: MemoryDatabase, changes: readonly MemoryChange[], durability: 'strict' | 'relaxed'): Promise<void> {
  const transaction = database.transaction([...new Set(changes.map(({ store }) => store))], 'readwrite', { durability })
  const asked = changes.map((change) => {
    const store = transaction.objectStore(change.store)
    const request = 'remove' in change ? store.delete(change.remove) : change.isNew === true ? store.add(change.put) : store.put(change.put)
    // Why a transaction failed is the transaction's to say; a request only says that it was aborted.
    return Promise.resolve(request).catch(() => undefined)
  })
  await Promise.all([...asked, transaction.done])
}

export function createMemoryStore({ log }: LogDep): MemoryStore {
  const use = createMemoryDatabase({ log })
  const shelves = new Map<MemoryStoreName, Shelf>()
  const gone: { store: MemoryStoreName; id: string }[] = []
  let retryAt = 0

  const shelf = (store: MemoryStoreName): Shelf => {
    const there = shelves.get(store) ?? new Map<string, MemoryRow>()
    shelves.set(store, there)
    return there
  }

  /** What was kept in memory goes to disk before anything else is read from there. */
  async function settle(): Promise<boolean> {
    const kept = [...shelves].flatMap(([store, rows]) => [...rows.values()].map((put): MemoryChange => ({ store, put })))
    const removed = gone.map(({ store, id }): MemoryChange => ({ store, remove: id }))
    if (kept.length + removed.length === 0) return true
    const moved = await use((database) => commit(database, [...removed, ...kept], 'strict'))
    if (!moved.ok) return false
    shelves.clear()
    gone.length = 0
    log.line({ level: 'info', text: '[MAESTRO] Memory is on disk again' })
    return true
  }

  const isAway = (): boolean => retryAt > 0 && performance.now() < retryAt

  /** On disk, or `otherwise` in memory while there is no disk; a full or an aborting disk is not no disk. */
  async function run<T>(work: (database: MemoryDatabase) => Promise<T>, otherwise: () => T): Promise<Result<T, StoreFailure>> {
    if (isAway()) return ok(otherwise())
    if (retryAt > 0 && !(await settle())) {
      retryAt = performance.now() + RETRY_MS
      return ok(otherwise())
    }
    retryAt = 0
    const done = await use(work)
    if (done.ok || done.error.code === 'QUOTA' || done.error.name === 'ConstraintError') return done
    retryAt = performance.now() + RETRY_MS
    return ok(otherwise())
  }

  const onShelf = (changes: readonly MemoryChange[]): boolean => {
    if (changes.some((change) => 'put' in change && change.isNew === true && shelf(change.store).has(change.put.id))) return false
    for (const change of changes) {
      if ('put' in change) shelf(change.store).set(change.put.id, change.put)
      else if (!shelf(change.store).delete(change.remove)) gone.push({ store: change.store, id: change.remove })
    }
    return true
  }

  return {
    durability: () => (retryAt > 0 ? 'memory' : 'durable'),
    get: (store, id) =>
      run(
        async (database) => (await database.get(store, id)) as MemoryRow | undefined,
        () => shelf(store).get(id),
      ),
    all: (store, owner) =>
      run<readonly MemoryRow[]>(
        async (database) => (await database.getAllFromIndex(store, 'owner', range(owner))) as MemoryRow[],
        () => byTime([...shelf(store).values()].filter((row) => row.owner === owner)),
      ),
    async write(changes, durability) {
      if (changes.length === 0) return ok(null)
      const written = await run(
        async (database) => {
          await commit(database, changes, durability)
          return true
        },
        () => onShelf(changes),
      )
      if (written.ok) return written.value ? ok(null) : err(EXISTS)
      return written.error.name === 'ConstraintError' ? err(EXISTS) : written
    },
    dropOldest: (count) =>
      run(
        async (database) => {
          const transaction = database.transaction('t3_episodic', 'readwrite', { durability: 'relaxed' })
          const rows = ((await transaction.store.getAll()) as MemoryRow[]).toSorted((a, b) => a.at - b.at).slice(0, count)
          await Promise.all(rows.map(({ id }) => transaction.store.delete(id)))
          await transaction.done
          return rows.length
        },
        () => {
          const rows = byTime([...shelf('t3_episodic').values()]).slice(0, count)
          for (const { id } of rows) shelf('t3_episodic').delete(id)
          return rows.length
        },
      ),
    mark: async (name) => {
      const read = await run(
        async (database) => (await database.get('marks', name)) as unknown,
        () => 0,
      )
      return read.ok && typeof read.value === 'number' ? read.value : 0
    },
    setMark: async (name, value) => {
      await run(
        async (database) => void (await database.put('marks', value, name)),
        () => undefined,
      )
    },
  }
}
