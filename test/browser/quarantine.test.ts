import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { EMAIL, newKey, NOTE } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { effectsOf } from '../support/effects.ts'
import { eventually } from '../support/eventually.ts'
import { execute, settled, snapshotOf } from '../support/in-page.ts'
import type { MaestroWindow } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()

type Damage = 'flip' | 'shape' | 'bare'

/** Damages the stored receipt of one intent: one bit of what is sealed, the shape but not the indexes, or everything but its key. */
const damage = (page: Page, key: string, how: Damage): Promise<number> =>
  page.evaluate(
    async ({ key, how }) => {
      const receipt = await (window as unknown as MaestroWindow).maestro.receipt(key)
      if (receipt === null) throw new Error('no such receipt')
      const settle = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result)
          request.onerror = () => reject(request.error)
        })
      const database = await settle(indexedDB.open('maestro_ledger'))
      const transaction = database.transaction('receipts', 'readwrite', { durability: 'strict' })
      const store = transaction.objectStore('receipts')
      let damaged = 0
      const flip = (value: unknown): unknown => {
        if (value instanceof ArrayBuffer) return new Uint8Array(flip(new Uint8Array(value)) as Uint8Array).buffer
        if (!(value instanceof Uint8Array)) return value
        const copy = value.slice()
        const at = copy.length - 1
        copy[at] = (copy[at] ?? 0) ^ 1
        return copy
      }
      for (const primary of await settle(store.getAllKeys())) {
        const row = await settle(store.get(primary))
        if (!JSON.stringify([primary, row]).includes(receipt.id)) continue
        const path = store.keyPath
        const kept = typeof path === 'string' ? { [path]: row[path] } : {}
        const broken =
          how === 'flip'
            ? Object.fromEntries(Object.entries(row).map(([name, value]) => [name, flip(value)]))
            : how === 'shape'
              ? { ...row, shape: 'of no kind', sealed: 'text where bytes were' }
              : { ...kept, junk: true }
        await settle(path === null ? store.put(broken, primary) : store.put(broken))
        damaged += 1
      }
      await new Promise((resolve) => (transaction.oncomplete = resolve))
      database.close()
      return damaged
    },
    { key, how },
  )

for (const [how, name] of [
  ['flip', 'does not open'],
  ['shape', 'does not parse'],
  ['bare', 'has nothing left but its name'],
] as const)
  test(`a record on disk that ${name} is quarantined and counted, and its neighbours work on (law 8)`, async () => {
    const browser = await openBrowser()
    const page = await browser.visit(demo().origin)
    await settled(page, (await execute(page, 'note.add', NOTE)).key)
    expect((await snapshotOf(page))?.quarantined).toBe(0)
    await browser.offline(true)
    const [lost, neighbour] = [newKey(`damaged-${how}`), newKey('neighbour')]
    for (const key of [lost, neighbour]) expect((await execute(page, 'email.send', EMAIL, { key })).status).toBe('queued')
    expect(await damage(page, lost, how)).toBe(1)
    // Not `quit`: a worker that is online for its last moment writes the row anew, and the damage is gone.
    await browser.crash()
    await browser.reopen()
    const again = await browser.visit(demo().origin)
    expect((await settled(again, neighbour)).status).toBe('done')
    await eventually('the damaged record is counted', async () => ((await snapshotOf(again))?.quarantined ?? 0) === 1)
    expect(await effectsOf(demo().origin, neighbour)).toHaveLength(1)
    expect(await effectsOf(demo().origin, lost)).toEqual([])
    expect((await execute(again, 'note.add', NOTE)).status).toBe('done')
  })
