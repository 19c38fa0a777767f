import type { Page } from 'playwright-core'
import type { Handle, Maestro, Settled } from '../../src/client/api.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { ReceiptView, Snapshot } from '../../src/protocol/views.ts'

/** The page's globals as an app's script sees them. */
export type MaestroWindow = Window & { maestro: Maestro; MAESTRO_ENABLED?: boolean }

/** A page of any browser that runs a function in itself. */
export type Evaluating = Pick<Page, 'evaluate'>

/** What of a handle can be carried out of the page. */
export type Answer = Pick<Handle, 'key' | 'status' | 'idempotent'> & Partial<Pick<Handle, 'result' | 'failure'>>

export type Wish = { readonly key?: string; readonly sources?: readonly unknown[]; readonly reason?: string; readonly agent?: string }

/** `execute` in the page, as the user or as an agent. Parameters and options need not be well formed: that is often the test. */
export const execute = (page: Evaluating, action: string, params: unknown, wish: Wish = {}): Promise<Answer> =>
  page.evaluate(
    async ({ action, params, wish }) => {
      const { maestro } = window as unknown as MaestroWindow
      const { agent, ...options } = wish
      const executor = agent === undefined ? maestro : await maestro.agent(agent)
      const { key, status, idempotent, result, failure } = await executor.execute(action, params as JsonObject, options as object)
      return { key, status, idempotent, ...(result === undefined ? {} : { result }), ...(failure === undefined ? {} : { failure }) }
    },
    { action, params, wish },
  )

/** The terminal receipt, by key, from any page. */
export const settled = (page: Evaluating, key: string): Promise<Settled> =>
  page.evaluate(async (key) => {
    const handle = await (window as unknown as MaestroWindow).maestro.handle(key)
    if (handle === null) throw new Error(`no receipt has the key ${key}`)
    return handle.settled
  }, key)

/** The receipt as the worker has it now. */
export const receiptOf = (page: Evaluating, key: string): Promise<ReceiptView | null> =>
  page.evaluate((key) => (window as unknown as MaestroWindow).maestro.receipt(key), key)

/** The receipt's present status, asked from the worker. */
export const statusOf = (page: Evaluating, key: string): Promise<string | undefined> =>
  page.evaluate(async (key) => (await (window as unknown as MaestroWindow).maestro.receipt(key))?.status, key)

export const cancel = (page: Evaluating, key: string): Promise<boolean> =>
  page.evaluate(async (key) => (await (window as unknown as MaestroWindow).maestro.handle(key))?.cancel() ?? false, key)

export const snapshotOf = (page: Evaluating): Promise<Snapshot | null> => page.evaluate(() => (window as unknown as MaestroWindow).maestro.snapshot)

/** Names of the origin's databases, sorted. */
export const databasesOf = (page: Evaluating): Promise<readonly string[]> =>
  page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? '').toSorted())

/** Names of the Background Sync events this origin waits for. */
export const syncTagsOf = (page: Evaluating): Promise<readonly string[]> =>
  page.evaluate(async () => {
    const registration = (await navigator.serviceWorker.ready) as ServiceWorkerRegistration & { sync: { getTags(): Promise<string[]> } }
    return registration.sync.getTags()
  })
