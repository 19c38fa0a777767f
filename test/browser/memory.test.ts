import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { scanForCanaries } from '../support/canary-scan.ts'
import { eventually } from '../support/eventually.ts'
import { databasesOf, execute, settled } from '../support/in-page.ts'
import { account, begin, call, createAccount, PASSPHRASE, press, unlock, value, type MemoryWindow } from '../support/memory-page.ts'
import { startMemorySite, type MemorySite } from '../support/memory-site.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
let site: MemorySite

beforeAll(async () => {
  site = await startMemorySite(demo().origin)
}, 60_000)
afterAll(() => site?.close())

const CANARY = 'memorycanary5d81f0c2'
const get = async (page: Page, tier: 't1' | 't2', key: string) => value(call(page, 'get', tier, key))

/** Everything that lies in `maestro_secrets`, tried as a script in the page would: what of it can be had as bytes. */
const exported = (page: Page): Promise<{ readonly keys: number; readonly bytes: readonly string[] }> =>
  page.evaluate(async () => {
    const settle = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result))
        request.addEventListener('error', () => reject(request.error as Error))
      })
    const database = await settle(indexedDB.open('maestro_secrets'))
    const store = database.transaction('secrets').objectStore('secrets')
    const all: unknown[] = await settle(store.getAll())
    database.close()
    const handles: CryptoKey[] = []
    const look = (thing: unknown): void => {
      if (thing instanceof CryptoKey) handles.push(thing)
      else if (thing !== null && typeof thing === 'object' && !ArrayBuffer.isView(thing)) Object.values(thing).forEach(look)
    }
    all.forEach(look)
    const bytes: string[] = []
    const wrapping = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['wrapKey', 'encrypt'])
    for (const key of handles) {
      for (const format of ['raw', 'jwk', 'pkcs8'] as const) {
        await crypto.subtle.exportKey(format, key).then(
          () => bytes.push(`${key.algorithm.name} ${format}`),
          () => undefined,
        )
        await crypto.subtle.wrapKey(format, key, wrapping, { name: 'AES-GCM', iv: new Uint8Array(12) }).then(
          () => bytes.push(`${key.algorithm.name} wrapped ${format}`),
          () => undefined,
        )
      }
    }
    return { keys: handles.length, bytes }
  })

test('a wiped device reads T1 and T2 again through each unlocker, no script can take the key, and no server can read it (REQ 0-5, 0-9, 1-7, 1-40, B-10)', async () => {
  const first = await openBrowser()
  const page = await first.visit(site.origin)
  await value(call(page, 'put', 't1', 'core', { text: CANARY }, { confirmed: true }))
  expect(await value(account(page))).toMatchObject({ state: 'none', generation: 0 })

  // The frame's content is of another realm: the page can neither look into it nor be looked at by it.
  const { frame, done } = await begin(page, 'create')
  expect(await page.evaluate(() => document.querySelector('iframe')?.contentDocument ?? null)).toBeNull()
  expect(await frame.evaluate(() => [self.origin, isSecureContext])).toEqual(['null', true])
  await expect(frame.evaluate(() => fetch('/maestro-flag.json'))).rejects.toThrow()
  await expect(frame.evaluate(() => void indexedDB.open('x'))).rejects.toThrow('denied')
  for (const field of ['#new', '#again']) await frame.fill(field, 'short')
  await press(frame)
  await eventually('a short passphrase is refused', async () => (await frame.textContent('[role=alert]'))?.includes('At least 12'), 5_000)
  await press(frame, 'button')
  expect(await value(done)).toEqual({ cancelled: true })

  const code = await createAccount(page)
  expect(code.split(' ')).toHaveLength(24)
  await value(call(page, 'put', 't2', 'work', `${CANARY} in T2`))
  expect(await value(call(page, 'sync'))).toMatchObject({ complete: true })
  expect((await exported(page)).keys).toBeGreaterThanOrEqual(3)
  expect((await exported(page)).bytes).toEqual([])

  for (const secret of [PASSPHRASE, code]) {
    const device = await openBrowser()
    const wiped = await device.visit(site.origin)
    expect(await value(account(wiped))).toMatchObject({ state: 'locked', generation: 1 })
    const ceremony = await begin(wiped, 'unlock')
    await ceremony.frame.fill('#secret', `${secret} not`)
    await press(ceremony.frame)
    await eventually('a wrong secret is refused', async () => (await ceremony.frame.textContent('[role=alert]'))?.includes('does not open'), 5_000)
    const begun = performance.now()
    await ceremony.frame.fill('#secret', secret)
    await press(ceremony.frame)
    expect(await value(ceremony.done)).toMatchObject({ generation: 1 })
    await eventually('T1 and T2 are there', async () => (await get(wiped, 't1', 'core')).found && (await get(wiped, 't2', 'work')).found, 30_000)
    expect(performance.now() - begun).toBeLessThan(60_000)
    expect(await get(wiped, 't1', 'core')).toMatchObject({ value: { text: CANARY }, synced: true })
    expect((await exported(wiped)).bytes).toEqual([])
    await device.quit()
    expect(await scanForCanaries(device.profile, [CANARY, PASSPHRASE, code])).toEqual([])
  }
  const cluster = await databaseOf(demo().data)
  expect((await scanForCanaries(cluster, ['t2_working'])).length, 'the search finds what is there').toBeGreaterThan(0)
  // Single words of the list are ordinary English, which a database's own files hold too; two of them in this order are not.
  const words = code.split(' ')
  const pairs = words.slice(1).map((word, i) => `${words[i]} ${word}`)
  expect(await scanForCanaries(cluster, [CANARY, PASSPHRASE, ...pairs])).toEqual([])
}, 90_000)

/** Where the server's cluster lies. */
const databaseOf = async (data: string): Promise<string> => (await readFile(join(data, 'postgres-home'), 'utf8').catch(() => data)).trim()

test('a new passphrase opens, the old one does not, two devices go on; each has its own keys no more for what is claimed (REQ 0-9)', async () => {
  const [one, two] = [await openBrowser(), await openBrowser()]
  const [a, b] = [await one.visit(site.origin, { path: '/?user=ben' }), await two.visit(site.origin, { path: '/?user=ben' })]
  const key = `digest-${Date.now()}`
  expect((await settled(a, (await execute(a, 'note.add', { text: 'x' }, { key })).key)).status).toBe('done')
  const code = await createAccount(a)
  expect(await unlock(b, code)).toMatchObject({ ok: true })
  await value(call(a, 'put', 't1', 'shared', 'from a', { confirmed: true, subject: 'eve' }))
  await value(call(a, 'sync'))
  await value(call(b, 'sync'))
  expect(await get(b, 't1', 'shared')).toMatchObject({ value: 'from a' })

  const ceremony = await begin(b, 'changePassphrase')
  await ceremony.frame.fill('#secret', PASSPHRASE)
  await ceremony.frame.fill('#new', 'another five word phrase')
  await ceremony.frame.fill('#again', 'another five word phrase')
  await press(ceremony.frame)
  expect(await value(ceremony.done)).toMatchObject({ generation: 2, resealed: 2 })
  await value(call(b, 'sync'))
  expect(await value(account(a))).toMatchObject({ state: 'locked', generation: 2 })
  expect(await get(a, 't1', 'shared')).toMatchObject({ value: 'from a' })
  expect(await unlock(a, 'another five word phrase')).toMatchObject({ ok: true })
  await value(call(a, 'sync'))
  expect(await get(a, 't1', 'shared')).toMatchObject({ value: 'from a' })

  const forgotten = await value(call(a, 'forget', 'eve'))
  expect(forgotten.removed).toBe(2)
  await value(call(b, 'sync'))
  expect(await get(b, 't1', 'shared')).toEqual({ found: false, reason: 'absent' })
  expect(await a.evaluate(() => (window as unknown as MemoryWindow).maestro.verifyAudit())).toMatchObject({ intact: true })
}, 90_000)

test('on disk there are names that say nothing; another person in the same browser finds nothing (REQ 0-8, 0-10, 0-11, 0-12)', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(site.origin)
  expect(await page.evaluate(() => (window as unknown as MemoryWindow).memory.constructor.name.length)).toBeGreaterThan(0)
  await value(call(page, 'init'))
  await value(call(page, 'put', 't1', CANARY, { deep: { text: CANARY } }, { confirmed: true, subject: CANARY }))
  await value(call(page, 'put', 't3', null, CANARY))
  expect(await value(call(page, 'search', CANARY))).toHaveLength(2)
  expect(await call(page, 'put', 't1', 'x', 1)).toMatchObject({ ok: false, error: { code: 'POLICY_BLOCKED' } })
  expect((await databasesOf(page)).filter((name) => name.includes('memory'))).toEqual(['maestro_memory_v1'])
  const raw = await page.evaluate(async (name) => {
    const settle = <T>(request: IDBRequest<T>) => new Promise<T>((resolve) => request.addEventListener('success', () => resolve(request.result)))
    const database = await settle(indexedDB.open(name))
    const texts: string[] = [...database.objectStoreNames]
    for (const store of database.objectStoreNames) {
      const table = database.transaction(store).objectStore(store)
      const [keys, rows] = [await settle(table.getAllKeys()), await settle(table.getAll())]
      texts.push(
        JSON.stringify(keys),
        JSON.stringify(rows),
        ...rows.map((row: { sealed?: Uint8Array }) => String.fromCharCode(...(row.sealed ?? []))),
      )
    }
    database.close()
    return texts.join('\n')
  }, 'maestro_memory_v1')
  expect(raw).toMatch(/t1_core[\s\S]*t2_working[\s\S]*t3_episodic/)
  expect(raw).not.toContain(CANARY)
  const ben = await browser.visit(site.origin, { path: '/?user=ben' })
  expect(await get(ben, 't1', CANARY)).toEqual({ found: false, reason: 'absent' })
  expect(await value(call(ben, 'list', 't3'))).toMatchObject({ items: [], unreadable: 0 })
}, 60_000)
