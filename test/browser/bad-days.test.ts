import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Step } from '../../src/cli/playbook.ts'
import { PLAYBOOKS } from '../../src/cli/playbooks.ts'
import { EMAIL, newKey, NOTE } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { effectsOf } from '../support/effects.ts'
import { eventually } from '../support/eventually.ts'
import { databasesOf, execute, settled } from '../support/in-page.ts'
import { ownDemo } from '../support/shared-demo.ts'
import { expectWhenOff } from '../support/when-off.ts'

const demo = ownDemo()
const SCRIPT = new URL('../../supabase/ops/clear-client-state.js', import.meta.url)

type Cleared = {
  readonly cleared: boolean
  readonly unsent: number
  readonly databases: readonly string[]
  readonly left: readonly string[]
  readonly keys: readonly string[]
}

/** The script of `maestro rollback clear-client`, as typed into the console. */
const clear = async (page: Page, options: object): Promise<Cleared> =>
  page.evaluate<Cleared>((await readFile(SCRIPT, 'utf8')).trimEnd().replace(/\(\)$/, `(${JSON.stringify(options)})`))

const deleteDatabase = (page: Page, name: string): Promise<string> =>
  page.evaluate(
    (name) =>
      new Promise<string>((resolve) => {
        const request = indexedDB.deleteDatabase(name)
        request.onsuccess = () => resolve('deleted')
        request.onerror = () => resolve('failed')
        request.onblocked = () => setTimeout(() => resolve('blocked'), 3_000)
      }),
    name,
  )

const works = async (page: Page): Promise<void> => {
  const { key } = await execute(page, 'note.add', NOTE)
  expect((await settled(page, key)).status).toBe('done')
}

/** What the device's key makes of a fixed text: the key itself cannot be read. */
const fingerprint = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const settle = <T>(request: IDBRequest<T>) => new Promise<T>((resolve) => (request.onsuccess = () => resolve(request.result)))
    const database = await settle(indexedDB.open('maestro_secrets'))
    const name = database.objectStoreNames[0] ?? ''
    const kept = await settle(database.transaction(name).objectStore(name).getAll())
    database.close()
    const key = kept.find((one): one is CryptoKey => one instanceof CryptoKey && one.algorithm.name === 'HMAC')
    if (key === undefined) throw new Error('no key is kept')
    return Array.from(new Uint8Array(await crypto.subtle.sign('HMAC', key, new Uint8Array([1])))).join(' ')
  })

test('REQ 0-6, 0-7, 1-8, 1-10, 1-11: the key outlives tab and worker until its database is deleted from the console without being blocked, and after a reload there is a new key', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  await works(page)
  const before = await fingerprint(page)
  await browser.stopWorkers()
  await page.reload()
  await page.waitForFunction(() => 'maestro' in window)
  await works(page)
  expect(await fingerprint(page)).toBe(before)
  expect(await deleteDatabase(page, 'maestro_secrets')).toBe('deleted')
  await page.reload()
  await page.waitForFunction(() => 'maestro' in window)
  await works(page)
  expect(await fingerprint(page)).not.toBe(before)
})

test('REQ 0-14, 0-16: after the browser’s "Clear site data" a reload registers, keys and works again', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  await works(page)
  const cdp = await browser.context().newCDPSession(page)
  await cdp.send('Storage.clearDataForOrigin', { origin: demo().origin, storageTypes: 'all' })
  await page.reload()
  await page.waitForFunction(() => 'maestro' in window)
  await works(page)
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(1)
})

test('REQ 1-6, 1-56: what the playbooks type into the console gives what they say, before and after the fault', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  await works(page)
  const typed = async (steps: readonly Step[]) => {
    for (const step of steps) {
      if (!('page' in step)) continue
      expect(await page.evaluate<unknown>(step.page), step.say).toMatchObject(JSON.parse(step.gives) as object)
    }
  }
  for (const { check, act, verify } of PLAYBOOKS.filter((one) => [...one.check, ...one.act].some((step) => 'page' in step))) {
    await typed(check)
    await typed(act)
    await page.reload()
    await page.waitForFunction(() => 'maestro' in window)
    await works(page)
    await typed(verify)
  }
})

test('REQ 1-13, 2-5, 2-17, 2-19, 2-27: in a disabled build, clearing the client refuses while work is unsent, then removes all of ours and nothing else, for good', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  await works(page)
  await page.evaluate(() => {
    localStorage.setItem('maestro:x', '1')
    sessionStorage.setItem('maestro:y', '1')
    localStorage.setItem('host-app', 'stays')
  })
  await browser.offline(true)
  const key = newKey('unsent')
  expect((await execute(page, 'email.send', EMAIL, { key })).status).toBe('queued')
  await browser.closePages()
  await demo().restart({ VITE_MAESTRO_ENABLED: 'false' })
  await browser.offline(false)

  const off = await browser.visit(demo().origin)
  const asked = await clear(off, {})
  expect([asked.cleared, asked.unsent > 0]).toEqual([false, true])
  expect(await databasesOf(off)).toContain('maestro_ledger')
  const cleared = await clear(off, { force: true })
  expect(cleared).toMatchObject({ cleared: true, left: [] })
  expect(cleared.databases).toEqual(expect.arrayContaining(['maestro_ledger', 'maestro_secrets']))
  expect(await off.evaluate(() => [localStorage.getItem('host-app'), localStorage.getItem('maestro:x')])).toEqual(['stays', null])
  await off.reload()
  await off.waitForFunction(() => 'maestro' in window)
  await expectWhenOff(off)
  expect((await databasesOf(off)).filter((name) => name.startsWith('maestro_'))).toEqual([])
  expect(await effectsOf(demo().origin, key)).toEqual([])

  await demo().restart({ VITE_MAESTRO_ENABLED: 'true' })
  const on = await browser.visit(demo().origin)
  await eventually('it works again', async () => (await execute(on, 'note.add', NOTE)).status === 'done', 20_000)
})
