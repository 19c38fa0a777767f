/**
 * `maestro_secrets` through idb-keyval, with a store of our own: the library's has no `versionchange` handler, and an open
 * connection would block the `deleteDatabase` that the runbooks promise.
 */
import { del, get, set, type UseStore } from 'idb-keyval'

export const SECRETS = 'maestro_secrets'
const STORE = 'secrets'
/** An opening takes milliseconds; one that takes this long is blocked by somebody who will not let go. */
const OPEN_MS = 3_000

export type SecretsDatabase = {
  get(name: string): Promise<unknown>
  set(name: string, value: unknown): Promise<void>
  remove(name: string): Promise<void>
  /** Whether the database lies on this device; creates nothing. */
  exists(): Promise<boolean>
  onLost(listener: () => void): void
}

export function createSecretsDatabase(): SecretsDatabase {
  let opening: Promise<IDBDatabase> | null = null
  const listeners: (() => void)[] = []

  const lose = (): void => {
    opening = null
    for (const listener of listeners) listener()
  }

  const open = (): Promise<IDBDatabase> => {
    opening ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(SECRETS, 1)
      request.onupgradeneeded = () => request.result.createObjectStore(STORE)
      request.onerror = () => reject(request.error ?? new Error('open failed'))
      setTimeout(() => reject(new DOMException('blocked', 'TimeoutError')), OPEN_MS)
      request.onsuccess = () => {
        const database = request.result
        database.onversionchange = () => {
          database.close()
          lose()
        }
        database.onclose = lose
        resolve(database)
      }
    })
    opening.catch(() => {
      opening = null
    })
    return opening
  }

  const store: UseStore = async (mode, callback) => {
    const use = async () => callback((await open()).transaction(STORE, mode, { durability: 'strict' }).objectStore(STORE))
    return use().catch((error: unknown) => {
      // A connection can be lost without a word (Safari in the background): opened once more, tried once more.
      if ((error as Error).name !== 'InvalidStateError') throw error
      lose()
      return use()
    })
  }

  return {
    get: (name) => get<unknown>(name, store),
    set: (name, value) => set(name, value, store),
    remove: (name) => del(name, store),
    // What is open, or opens now, need not be looked for: that costs a tenth of a cold start.
    exists: async () => opening !== null || (await indexedDB.databases()).some(({ name }) => name === SECRETS),
    onLost: (listener) => listeners.push(listener),
  }
}
