/** Approved payments that wait, changed on the real disk while no worker runs. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { MaestroWindow } from '../support/in-page.ts'

/** The rows' names. */
export const rowsOf = (page: Page, keys: readonly string[]): Promise<readonly string[]> =>
  page.evaluate(
    async (keys) => Promise.all(keys.map(async (key) => (await (window as unknown as MaestroWindow).maestro.receipt(key))?.id ?? '')),
    keys,
  )

/** Changes the rows in one of four ways, by their place; `look` changes nothing. Gives a mark of each row's sealed bytes and owner. */
export const spoilRows = (page: Page, ids: readonly string[], how: 'spoil' | 'look'): Promise<readonly string[]> =>
  page.evaluate(
    async ({ ids, how }) => {
      type Row = { readonly sealed: Uint8Array<ArrayBuffer>; readonly owner: string }
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open('maestro_ledger')
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error ?? new Error('not opened'))
      })
      const transaction = database.transaction('receipts', 'readwrite')
      const store = transaction.objectStore('receipts')
      const get = (id: string) =>
        new Promise<Row>((resolve) => {
          const request = store.get(id)
          request.onsuccess = () => resolve(request.result)
        })
      const rows = await Promise.all(ids.map(get))
      const marks = rows.map((row, i) => {
        const bits = Uint8Array.from(row.sealed)
        const at = bits.length - 1 - (i % 100)
        bits[at] = (bits[at] ?? 0) ^ 1
        const other = rows[(i + 1) % rows.length] ?? row
        const changes = [{ sealed: other.sealed }, { sealed: bits }, { owner: 'f'.repeat(64) }, { sealed: bits.slice(0, -1) }] as const
        const spoiled: Row = how === 'spoil' ? { ...row, ...changes[(i % 4) as 0] } : row
        if (how === 'spoil') store.put(spoiled)
        return `${spoiled.owner} ${spoiled.sealed.join()}`
      })
      await new Promise<void>((resolve) => {
        transaction.oncomplete = () => resolve()
      })
      database.close()
      return marks
    },
    { ids, how },
  )

/** Long enough for whatever could run to have run. */
export const settle = (): Promise<void> => sleep(3_000)
