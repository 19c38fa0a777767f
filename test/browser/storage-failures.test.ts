import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { databasesOf, execute, snapshotOf } from '../support/in-page.ts'
import { call, value } from '../support/memory-page.ts'
import { startMemorySite, type MemorySite } from '../support/memory-site.ts'
import { sharedDemo } from '../support/shared-demo.ts'
import { deleteDatabase, faultyIndexedDb, refuse, type Faults } from '../support/storage-faults.ts'

const demo = sharedDemo()
const MEMORY = 'maestro_memory_v1'
const SECRETS = 'maestro_secrets'
let site: MemorySite

beforeAll(async () => {
  site = await startMemorySite(demo().origin)
}, 60_000)
afterAll(() => site?.close())

const visit = async (faults: Faults, browser?: TestBrowser): Promise<{ readonly browser: TestBrowser; readonly page: Page }> => {
  site.prelude = faultyIndexedDb(faults)
  const opened = browser ?? (await openBrowser())
  return { browser: opened, page: await opened.visit(site.origin, { path: '/?user=demo' }) }
}
const hears = (browser: TestBrowser, text: string) =>
  eventually(`the console says: ${text}`, () => browser.console.some((line) => line.text.includes(text)), 10_000)
const put = (page: Page, key: string, content: unknown = key) => call(page, 'put', 't1', key, content as string, { confirmed: true })
const get = async (page: Page, key: string) => value(call(page, 'get', 't1', key))

test('maestro_secrets that cannot be opened: the promised lines, every operation says why, and it works once it can be (REQ 1-6, 1-11, 1-35)', async () => {
  site.prelude = faultyIndexedDb({ open: { [SECRETS]: 'UnknownError' } })
  const browser = await openBrowser()
  const page = await browser.visit(site.origin, { path: '/?user=demo', ready: false })
  await hears(browser, 'Failed to open maestro_secrets DB')
  await hears(browser, '[MAESTRO] Crypto initialization failed: UnknownError')
  const health = () => page.evaluate(async () => (await fetch('/maestro-health')).status)
  expect(await health()).toBe(503)
  await refuse(browser, {})
  expect(await health()).toBe(200)
  await hears(browser, '[MAESTRO] Device key generated')
  await page.reload()
  await page.waitForFunction(() => 'memory' in window)
  await hears(browser, '[MAESTRO] Initialized successfully')
  expect(await put(page, 'k')).toMatchObject({ ok: true, value: { durability: 'durable' } })
})

test('keys that cannot be saved: they serve from memory and say so, and those that must outlive the worker are refused (REQ 1-12, 0-13)', async () => {
  const { browser, page } = await visit({ put: { [SECRETS]: 'QuotaExceededError' } })
  await hears(browser, 'Failed to save key: QuotaExceededError')
  expect((await snapshotOf(page))?.durability).toBe('memory')
  expect(await put(page, 'k')).toMatchObject({ ok: true })
  expect(await get(page, 'k')).toMatchObject({ value: 'k' })
  expect((await execute(page, 'note.add', { text: 'x' })).status).toBe('done')
  await refuse(browser, { put: { [SECRETS]: 'DataCloneError' } })
  const ben = await browser.visit(site.origin, { path: '/?user=ben' })
  expect(await put(ben, 'k')).toMatchObject({ ok: false, error: { code: 'CRYPTO_FAILED', message: expect.stringContaining('CLONE_ERROR') } })
  await hears(browser, 'Failed to save key: DataCloneError')
})

test('the memory under a lost connection, a full disk, a deletion, a database that does not open, and one that is blocked (REQ 0-13, 0-14, 0-15, 1-14)', async () => {
  const { browser, page } = await visit({})
  expect(await put(page, 'core')).toMatchObject({ ok: true, value: { durability: 'durable' } })
  await refuse(browser, { lost: 1 })
  expect(await get(page, 'core')).toMatchObject({ value: 'core' })
  expect(browser.console.some(({ text }) => text.includes('Initialization failed'))).toBe(false)

  for (let i = 0; i < 60; i++) await value(call(page, 'put', 't3', `event-${String(i).padStart(2, '0')}`, i))
  await refuse(browser, { room: 0 })
  expect(await put(page, 'more')).toMatchObject({ ok: true, value: { dropped: 50 } })
  expect(await get(page, 'core')).toMatchObject({ value: 'core' })
  expect((await value(call(page, 'list', 't3'))).items.map(({ key }) => key)[0]).toBe('event-50')
  await refuse(browser, { put: { [MEMORY]: 'QuotaExceededError' } })
  expect(await put(page, 'too-much')).toMatchObject({
    ok: false,
    error: { code: 'STORAGE_FAILED', message: expect.stringContaining('QuotaExceededError') },
  })
  expect(await value(call(page, 'init'))).toMatchObject({ t1: 2, t3: 0, dropped: 60, quota: expect.any(Number), usage: expect.any(Number) })

  await refuse(browser, {})
  expect(await deleteDatabase(page, MEMORY)).toBe('deleted')
  expect(await get(page, 'core')).toEqual({ found: false, reason: 'absent' })
  expect(await put(page, 'anew')).toMatchObject({ ok: true, value: { durability: 'durable' } })

  await refuse(browser, { open: { [MEMORY]: 'UnknownError' } })
  expect(await deleteDatabase(page, MEMORY)).toBe('deleted')
  expect(await put(page, 'afloat')).toMatchObject({ ok: true, value: { durability: 'memory' } })
  await hears(browser, '[MAESTRO] Initialization failed: UnknownError (maestro_memory_v1)')
  expect(await get(page, 'afloat')).toMatchObject({ value: 'afloat' })
  // It is not said of anything that it is absent, while that cannot be known.
  expect(await call(page, 'get', 't1', 'anew')).toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } })
  expect(await call(page, 'list', 't1')).toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } })
  await refuse(browser, {})
  await eventually(
    'it is on disk again',
    async () => (await put(page, 'again')).ok && (await value(call(page, 'init'))).durability === 'durable',
    10_000,
  )
  await hears(browser, '[MAESTRO] Memory is on disk again')
  await browser.stopWorkers()
  expect(await get(page, 'afloat')).toMatchObject({ value: 'afloat' })
  expect(await get(page, 'again')).toMatchObject({ value: 'again' })

  // It cannot be opened while it holds something: a write waits beside it, and takes its place when it can be.
  await refuse(browser, { open: { [MEMORY]: 'UnknownError' }, lost: 2 })
  expect(await put(page, 'again', 'later')).toMatchObject({ ok: true, value: { durability: 'memory' } })
  expect(await get(page, 'again')).toMatchObject({ value: 'later' })
  expect(await call(page, 'get', 't1', 'afloat')).toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } })
  expect(await call(page, 'evict', 't1', ['afloat'], { confirmed: true })).toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } })
  await refuse(browser, {})
  await eventually('it is on disk again', async () => (await value(call(page, 'init'))).durability === 'durable', 10_000)
  await browser.stopWorkers()
  expect([await get(page, 'afloat'), await get(page, 'again')]).toMatchObject([{ value: 'afloat' }, { value: 'later' }])

  // Somebody holds the old connection while the database is being deleted: whoever opens it waits, and not for ever.
  await page.evaluate(
    (name) =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open(name)
        request.addEventListener('success', () => {
          Object.assign(window, { held: request.result })
          resolve()
        })
      }),
    MEMORY,
  )
  expect(await deleteDatabase(page, MEMORY)).toBe('blocked')
  expect(await put(page, 'waiting')).toMatchObject({ ok: true, value: { durability: 'memory' } })
  await page.evaluate(() => (window as unknown as { held: IDBDatabase }).held.close())
  await eventually('it is on disk again', async () => (await value(call(page, 'init'))).durability === 'durable', 12_000)
  expect(await get(page, 'waiting')).toMatchObject({ value: 'waiting' })
}, 60_000)

test('a broken database is made anew with what could be read, a version error deletes nothing, lost keys are told from a first run (REQ 0-5, 0-6, 0-7, 0-14, 0-16, 1-8, 1-10, 1-11, 1-13)', async () => {
  const { browser, page } = await visit({})
  expect(await value(call(page, 'init'))).toMatchObject({ keys: 'FIRST_RUN' })
  await put(page, 'kept')
  expect(await databasesOf(page)).toContain(MEMORY)

  // Half of its tables are gone, as after a crash in the middle of making them.
  await page.evaluate(async (name) => {
    const settle = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result))
        request.addEventListener('error', () => reject(request.error as Error))
      })
    const old = await settle(indexedDB.open(name))
    const rows = await settle(old.transaction('t1_core').objectStore('t1_core').getAll())
    old.close()
    // In one turn: the worker must not come in between.
    indexedDB.deleteDatabase(name)
    const request = indexedDB.open(name, 1)
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore('t1_core', { keyPath: 'id' }))
    const broken = await settle(request)
    const store = broken.transaction('t1_core', 'readwrite').objectStore('t1_core')
    for (const row of rows) await settle(store.put(row))
    broken.close()
  }, MEMORY)
  expect(await get(page, 'kept')).toMatchObject({ value: 'kept' })
  await hears(browser, '[MAESTRO] Initialization failed: NotFoundError (maestro_memory_v1 is made anew)')
  expect(await page.evaluate(async () => (await (await caches.open('maestro-memory-rescue')).keys()).length)).toBe(1)
  await value(call(page, 'forget', 'nobody in particular'))
  expect(await page.evaluate(() => caches.has('maestro-memory-rescue')), 'subjects’ keys were in it').toBe(false)

  // The device key alone is gone: what it sealed is set aside, said once, and work goes on.
  const withSecrets = (act: string) =>
    page.evaluate(
      async ({ name, act }) => {
        const database = await new Promise<IDBDatabase>((resolve) => {
          const request = indexedDB.open(name)
          request.addEventListener('success', () => resolve(request.result))
        })
        const transaction = database.transaction('secrets', 'readwrite')
        const store = transaction.objectStore('secrets')
        if (act === 'remove') store.delete('device/1')
        else store.put(await Promise.resolve((window as unknown as { other: CryptoKey }).other), 'device/1')
        await new Promise((resolve) => transaction.addEventListener('complete', resolve))
        database.close()
      },
      { name: SECRETS, act },
    )
  await withSecrets('remove')
  await browser.stopWorkers()
  await page.reload()
  await page.waitForFunction(() => 'memory' in window)
  expect(await value(call(page, 'init'))).toMatchObject({ keys: 'KEY_NULL', t1: 1 })
  await hears(browser, '[MAESTRO] Device key lost')
  await browser.stopWorkers()
  expect(await value(call(page, 'init'))).toMatchObject({ keys: 'OK', t1: 1 })

  await page.evaluate(async () => {
    Object.assign(window, { other: await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign']) })
  })
  await withSecrets('replace')
  await browser.stopWorkers()
  await page.reload()
  await page.waitForFunction(() => 'memory' in window)
  expect(await value(call(page, 'init'))).toMatchObject({ keys: 'KEY_MISMATCH', t1: 1 })

  // All keys are gone, as the runbook takes them away: the memory reads as absent with the reason, and new writes work.
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length), 'nothing of ours lives there').toBe(0)
  expect(await deleteDatabase(page, SECRETS)).toBe('deleted')
  await browser.stopWorkers()
  await page.reload()
  await page.waitForFunction(() => 'memory' in window)
  expect(await value(call(page, 'init'))).toMatchObject({ keys: 'DATA_LOSS', t1: 0, unreadable: 1 })
  await hears(browser, '[MAESTRO] This device kept data before and has lost it')
  expect(await get(page, 'kept')).toEqual({ found: false, reason: 'absent' })
  await value(put(page, 'kept', 'anew'))
  expect(await value(call(page, 'purge', { unreadable: true }))).toEqual({ removed: 1, unreadable: 1 })
  expect(await get(page, 'kept')).toMatchObject({ value: 'anew' })

  // A later build's database: nothing is deleted, and work goes on in memory.
  expect(await deleteDatabase(page, MEMORY)).toBe('deleted')
  await page.evaluate(
    (name) =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open(name, 9)
        request.addEventListener('success', () => {
          request.result.close()
          resolve()
        })
      }),
    MEMORY,
  )
  await browser.stopWorkers()
  expect(await put(page, 'afloat')).toMatchObject({ ok: true, value: { durability: 'memory' } })
  await hears(browser, '[MAESTRO] Initialization failed: VersionError (maestro_memory_v1)')
  expect(await page.evaluate(async (name) => (await indexedDB.databases()).find((one) => one.name === name)?.version, MEMORY)).toBe(9)

  // Clear Site Data: everything goes, the worker too, and a reload begins anew.
  const cdp = await browser.context().newCDPSession(page)
  await cdp.send('Storage.clearDataForOrigin', { origin: site.origin, storageTypes: 'all' })
  await page.reload()
  await page.waitForFunction(() => 'memory' in window)
  expect(await value(call(page, 'init'))).toMatchObject({ keys: 'FIRST_RUN', durability: 'durable', t1: 0 })
  expect(await put(page, 'first')).toMatchObject({ ok: true })
}, 60_000)
