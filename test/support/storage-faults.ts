import type { Page } from 'playwright-core'
import { eventually } from './eventually.ts'
import type { TestBrowser } from './browser.ts'

/** What a worker's IndexedDB refuses, by database, as the name of the error; `lost`: how many of the next transactions find their connection gone. */
export type Faults = {
  readonly open?: Readonly<Record<string, string>>
  readonly put?: Readonly<Record<string, string>>
  readonly lost?: number
  /** Rows that still fit in the memory's database; dropping one makes room for one. */
  readonly room?: number
}

/** The worker's own IndexedDB, wrapped before any of its code runs. */
export const faultyIndexedDb = (faults: Faults): string => `
{
  const faults = (self.__faults = ${JSON.stringify(faults)})
  const refusal = (name) => new DOMException('injected', name)
  const open = IDBFactory.prototype.open
  IDBFactory.prototype.open = function (name, version) {
    const error = faults.open?.[name]
    if (!error) return open.call(this, name, version)
    const request = new EventTarget()
    Object.assign(request, { error: refusal(error), result: undefined, readyState: 'done' })
    Object.setPrototypeOf(request, IDBOpenDBRequest.prototype)
    const fake = new Proxy(new EventTarget(), {
      getPrototypeOf: () => IDBOpenDBRequest.prototype,
      get: (target, key) => (key === 'error' ? refusal(error) : typeof target[key] === 'function' ? target[key].bind(target) : target[key]),
    })
    setTimeout(() => {
      fake.onerror?.(new Event('error'))
      fake.dispatchEvent(new Event('error'))
    })
    return fake
  }
  for (const method of ['put', 'add']) {
    const original = IDBObjectStore.prototype[method]
    IDBObjectStore.prototype[method] = function (...given) {
      const { name } = this.transaction.db
      if (faults.put?.[name]) throw refusal(faults.put[name])
      if (name === 'maestro_memory_v1' && this.name !== 'marks' && faults.room !== undefined && faults.room-- <= 0) {
        faults.room = 0
        this.transaction.abort()
        throw refusal('QuotaExceededError')
      }
      return original.apply(this, given)
    }
  }
  const remove = IDBObjectStore.prototype.delete
  IDBObjectStore.prototype.delete = function (...given) {
    if (faults.room !== undefined) faults.room++
    return remove.apply(this, given)
  }
  const transaction = IDBDatabase.prototype.transaction
  IDBDatabase.prototype.transaction = function (...given) {
    if (faults.lost > 0) {
      faults.lost--
      throw refusal('InvalidStateError')
    }
    return transaction.apply(this, given)
  }
}`

/** Changes what the running worker's IndexedDB refuses. */
export const refuse = async (browser: TestBrowser, faults: Faults): Promise<void> => {
  const worker = await eventually('a worker runs', () => browser.context().serviceWorkers().at(-1), 5_000)
  await worker.evaluate((given) => {
    const kept = (self as unknown as { __faults: Record<string, unknown> }).__faults
    for (const name of Object.keys(kept)) delete kept[name]
    Object.assign(kept, given)
  }, faults)
}

/** Deletes a database from the page, as the runbooks say; `blocked` when somebody holds on to it. */
export const deleteDatabase = (page: Page, name: string): Promise<'deleted' | 'blocked'> =>
  page.evaluate(
    (database) =>
      new Promise<'deleted' | 'blocked'>((resolve, reject) => {
        const request = indexedDB.deleteDatabase(database)
        request.addEventListener('success', () => resolve('deleted'))
        request.addEventListener('blocked', () => resolve('blocked'))
        request.addEventListener('error', () => reject(new Error('not deleted')))
      }),
    name,
  )
