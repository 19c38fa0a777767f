/** `maestro_memory_v1`: its tables, a connection that comes back, and what is done when its files are broken. */
import { deleteDB, openDB, type IDBPDatabase } from 'idb'
import { bytesToBase64Url } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import type { LogDep } from '../ports/log.ts'
import type { StoreFailure } from '../ports/ledger-store.ts'
import { MEMORY_STORES } from '../ports/memory-store.ts'

export const MEMORY = 'maestro_memory_v1'
/** Where the sealed rows of a broken database are kept before it is made anew. */
const RESCUE = 'maestro-memory-rescue'
/** An opening takes milliseconds; one that takes this long is blocked. */
const OPEN_MS = 2_000

export type MemoryDatabase = IDBPDatabase

export const dropRescue = (): Promise<boolean> => caches.delete(RESCUE)

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'Error')

export const storeFailure = (error: unknown): StoreFailure => {
  const name = nameOf(error)
  return { code: name === 'QuotaExceededError' ? 'QUOTA' : name === 'AbortError' ? 'ABORTED' : 'UNOPENABLE', name }
}

/** Lost connections (Safari in the background, the page's deletion, eviction while open) say one of these. */
const LOST = new Set(['InvalidStateError', 'UnknownError', 'AbortError', 'TransactionInactiveError'])

export type UseMemory = <T>(work: (database: MemoryDatabase) => Promise<T>) => Promise<Result<T, StoreFailure>>

export function createMemoryDatabase({ log }: LogDep): UseMemory {
  let opening: Promise<MemoryDatabase> | null = null
  let isRemade = false
  let isSaid = false

  const forget = (): void => {
    opening = null
  }

  /** Whoever will not let go of an old connection blocks the opening for as long as they like. */
  const connect = (): Promise<MemoryDatabase> => {
    const opened = openDB(MEMORY, 1, {
      upgrade(database) {
        for (const name of MEMORY_STORES) database.createObjectStore(name, { keyPath: 'id' }).createIndex('owner', ['owner', 'at'])
        database.createObjectStore('marks')
      },
      blocking: (_current, _blocked, event) => {
        ;(event.target as unknown as IDBDatabase).close()
        forget()
      },
      terminated: forget,
    })
    return new Promise((resolve, reject) => {
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        reject(new DOMException('the database is blocked', 'TimeoutError'))
      }, OPEN_MS)
      opened.then(
        (database) => {
          clearTimeout(timer)
          if (isLate) database.close()
          else resolve(database)
        },
        (error: unknown) => {
          clearTimeout(timer)
          reject(error as Error)
        },
      )
    })
  }

  /** Tables are missing: proof that the files are broken, whatever the reason. What can be read is kept, sealed as it is; once in a worker's life. */
  async function remake(broken: MemoryDatabase): Promise<MemoryDatabase> {
    const rows: Record<string, unknown[]> = {}
    for (const name of broken.objectStoreNames) rows[name] = await broken.getAll(name).catch(() => [])
    const text = JSON.stringify(rows, (_key, value: unknown) => (value instanceof Uint8Array ? bytesToBase64Url(value) : value))
    const rescue = await caches.open(RESCUE)
    await rescue.put(`/${MEMORY}`, new Response(text, { headers: { 'content-type': 'application/json' } }))
    broken.close()
    await deleteDB(MEMORY)
    const fresh = await connect()
    for (const name of MEMORY_STORES) for (const row of rows[name] ?? []) await fresh.put(name, row).catch(() => undefined)
    return fresh
  }

  async function begin(): Promise<MemoryDatabase> {
    const database = await connect()
    if ([...MEMORY_STORES, 'marks'].every((name) => database.objectStoreNames.contains(name))) return database
    if (isRemade) throw new DOMException('tables are missing', 'NotFoundError')
    isRemade = true
    log.line({ level: 'error', text: '[MAESTRO] Initialization failed: NotFoundError (maestro_memory_v1 is made anew)' })
    return remake(database)
  }

  const open = (): Promise<MemoryDatabase> => {
    opening ??= begin()
    opening.catch(forget)
    return opening
  }

  /** Reopens once and tries once more; what fails then is said once an episode. */
  return async (work) => {
    for (let isLast = false; ; isLast = true) {
      try {
        const done = await work(await open())
        isSaid = false
        return ok(done)
      } catch (error) {
        const failed = storeFailure(error)
        if (!isLast && LOST.has(failed.name)) {
          forget()
          continue
        }
        if (!isSaid && failed.name !== 'ConstraintError')
          log.line({ level: 'error', text: `[MAESTRO] Initialization failed: ${failed.name} (${MEMORY})` })
        isSaid = isSaid || failed.name !== 'ConstraintError'
        return err(failed)
      }
    }
  }
}
