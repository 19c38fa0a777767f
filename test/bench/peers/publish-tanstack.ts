/** TanStack's offline executor in a page, as its README shows it: one mutation a transaction, its key passed on, an error for a bad status. */
import { INTENT } from '../pages/intent.ts'
import { publish } from '../pages/publish.ts'
import { publishQueue } from '../pages/publish-queue.ts'

type Storage = {
  get(key: string): Promise<string | null>
  set(key: string, value: string): Promise<void>
  delete(key: string): Promise<void>
  keys(): Promise<string[]>
  clear(): Promise<void>
}
type Collection = { insert(row: Readonly<Record<string, unknown>>): unknown }
type OfflineTransaction = { readonly id: string; mutate(work: () => void): unknown; commit(): Promise<unknown> }
type Executor = {
  waitForInit(): Promise<void>
  createOfflineTransaction(options: {
    readonly mutationFnName: string
    readonly autoCommit: false
    readonly idempotencyKey: string
    readonly metadata: Readonly<Record<string, string>>
  }): OfflineTransaction
  peekOutbox(): Promise<readonly unknown[]>
}
type Sent = {
  readonly transaction: { readonly metadata: Readonly<Record<string, string>>; readonly mutations: readonly { readonly modified: unknown }[] }
  readonly idempotencyKey: string
}

/** What is used of `@tanstack/db` and `@tanstack/offline-transactions`. */
export type Tanstack = {
  createCollection(options: unknown): Collection
  localOnlyCollectionOptions(options: { readonly id: string; readonly getKey: (row: { readonly id: string }) => string }): unknown
  readonly IndexedDBAdapter: new () => Storage
  startOfflineExecutor(config: unknown): Executor
}

/** Pages whose name ends so send at once; the others hold until released. */
const FAULTS = '-faults'

export const publishTanstack = async ({
  createCollection,
  localOnlyCollectionOptions,
  IndexedDBAdapter,
  startOfflineExecutor,
}: Tanstack): Promise<void> => {
  const stored = new Map<string, () => void>()
  const listeners = new Set<() => void>()
  let isOnline = location.pathname.includes(FAULTS)
  const base = new IndexedDBAdapter()
  const storage: Storage = {
    get: (key) => base.get(key),
    delete: (key) => base.delete(key),
    keys: () => base.keys(),
    clear: () => base.clear(),
    // Its promises resolve when an intent was sent; this is the only place that knows when one is stored.
    set: async (key, value) => {
      await base.set(key, value)
      stored.get(key)?.()
      stored.delete(key)
    },
  }
  const collection = createCollection(localOnlyCollectionOptions({ id: 'bench', getKey: ({ id }) => id }))
  const executor = startOfflineExecutor({
    collections: { bench: collection },
    storage,
    mutationFns: {
      send: async ({ transaction, idempotencyKey }: Sent) => {
        const response = await fetch(transaction.metadata['url'] ?? '/api/fast', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': encodeURIComponent(idempotencyKey) },
          body: JSON.stringify(transaction.mutations[0]?.modified),
        })
        if (!response.ok) throw new Error(`the far end answered ${response.status}`)
      },
    },
    onlineDetector: {
      subscribe: (listener: () => void) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      notifyOnline: () => listeners.forEach((listener) => listener()),
      isOnline: () => isOnline,
      dispose: () => listeners.clear(),
    },
  })
  await executor.waitForInit()

  const put = (key: string, url: string): Promise<void> =>
    new Promise((resolve) => {
      const transaction = executor.createOfflineTransaction({ mutationFnName: 'send', autoCommit: false, idempotencyKey: key, metadata: { url } })
      stored.set(`tx:${transaction.id}`, resolve)
      transaction.mutate(() => void collection.insert({ id: key, ...INTENT }))
      // Ends when the far end has answered, or never.
      transaction.commit().catch(() => undefined)
    })

  publish(() => put(crypto.randomUUID(), '/api/fast'))
  publishQueue({
    put: (key, lane) => put(key, `/api/far/${lane}`),
    release: () => {
      isOnline = true
      for (const listener of listeners) listener()
    },
    waiting: async () => (await executor.peekOutbox()).length,
  })
  Object.assign(globalThis, {
    hold: () => {
      isOnline = false
    },
  })
}
