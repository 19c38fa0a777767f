/** Memory in IndexedDB; what is written while that cannot be opened waits on a shelf. Nothing is sealed or opened here. */
import { err, ok, type Result } from '../../src/base/result.ts'
import type { LogDep } from '../ports/log.ts'
import type { StoreFailure } from '../ports/ledger-store.ts'
import type { MemoryRow, MemoryStore } from '../ports/memory-store.ts'
import { commitMemory } from './commit-memory.ts'
import { idOf } from './memory-change.ts'
import { createMemoryDatabase, dropRescue, storeFailure, type MemoryDatabase } from './memory-database.ts'
import { createMemoryShelf } from './memory-shelf.ts'

/** After the database could not be opened, it is tried again no sooner. */
const RETRY_MS = 2_000
const CHANGED = { code: 'CHANGED', name: 'ConstraintError' } as const

const range = (owner: string): IDBKeyRange => IDBKeyRange.bound([owner], [owner, []])

export function createMemoryStore({ log }: LogDep): MemoryStore {
  const use = createMemoryDatabase({ log })
  const shelf = createMemoryShelf()
  let away: { readonly failed: StoreFailure; readonly until: number } | null = null
  let settling: Promise<Result<null, StoreFailure>> | null = null

  async function moved(): Promise<Result<null, StoreFailure>> {
    let full: Result<null, StoreFailure> = ok(null)
    for (const change of shelf.changes()) {
      // Each in a transaction of its own: what has no room does not keep the others here.
      const written = await use((database) => commitMemory(database, [change], 'strict'))
      if (written.ok) {
        shelf.drop(change)
        if (!written.value) log.line({ level: 'warn', text: '[MAESTRO] A record that waited in memory gave way to one that was on disk' })
      } else if (written.error.code === 'QUOTA') full = written
      else return written
    }
    return full
  }

  /** What waits goes to disk before anything else is done there. */
  async function settle(): Promise<Result<null, StoreFailure>> {
    if (shelf.size() === 0) return ok(null)
    settling ??= moved().finally(() => {
      settling = null
    })
    const settled = await settling
    if (settled.ok) log.line({ level: 'info', text: '[MAESTRO] Memory is on disk again' })
    return settled
  }

  const leave = (failed: StoreFailure): void => {
    // A full or an aborting disk is not no disk.
    if (failed.code === 'UNOPENABLE') away = { failed, until: performance.now() + RETRY_MS }
  }

  /** On disk, or why not: what cannot be read is never taken for absent. */
  async function run<T>(work: (database: MemoryDatabase) => Promise<T>): Promise<Result<T, StoreFailure>> {
    if (away && performance.now() < away.until) return err(away.failed)
    const settled = await settle()
    const done = settled.ok || settled.error.code === 'QUOTA' ? await use(work) : settled
    if (done.ok) away = null
    else leave(done.error)
    return done
  }

  return {
    durability: () => (away || shelf.size() > 0 ? 'memory' : 'durable'),
    async get(store, id) {
      const read = await run(async (database) => (await database.get(store, id)) as MemoryRow | undefined)
      const waiting = shelf.get(store, id)
      return waiting ? ok(waiting) : read
    },
    async all(store, owner) {
      const read = await run(async (database) => (await database.getAllFromIndex(store, 'owner', range(owner))) as readonly MemoryRow[])
      return read.ok ? ok(shelf.among(store, owner, read.value)) : read
    },
    async write(changes, durability) {
      if (changes.length === 0) return ok(null)
      const written = await run((database) => commitMemory(database, changes, durability))
      if (written.ok && written.value) return ok(null)
      if (!written.ok && written.error.code !== 'UNOPENABLE') return written
      // Without a disk; or what it is about still waits here, for room.
      const put = !written.ok || changes.some((change) => shelf.get(change.store, idOf(change))) ? shelf.put(changes) : 'refused'
      if (put === 'kept') return ok(null)
      return put === 'refused' && !written.ok ? written : err(CHANGED)
    },
    async dropOldest(owner, count) {
      // Not through `run`: what waits may wait for just this room.
      return use(async (database) => {
        const transaction = database.transaction('t3_episodic', 'readwrite', { durability: 'relaxed' })
        const ids = await transaction.store.index('owner').getAllKeys(range(owner), count)
        await Promise.all(ids.map((id) => transaction.store.delete(id)))
        await transaction.done
        return ids.length
      })
    },
    dropCopies: () =>
      dropRescue().then(
        () => ok(null),
        (error: unknown) => err(storeFailure(error)),
      ),
    async mark(name) {
      const read = await run(async (database) => (await database.get('marks', name)) as unknown)
      return read.ok ? ok(typeof read.value === 'number' ? read.value : 0) : read
    },
    setMark: async (name, value) => {
      await run(async (database) => void (await database.put('marks', value, name)))
    },
  }
}
