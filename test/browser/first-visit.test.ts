import { expect, test } from 'vitest'
import { EMAIL, newKey, NOTE } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { effectsOf } from '../support/effects.ts'
import { filePage } from '../support/file-browser.ts'
import { databasesOf, execute, settled, snapshotOf } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
const open = filePage(() => demo().origin)

test('on the first visit the page is connected, signed in as demo and controlled by the worker (REQ 1-9)', async () => {
  const [browser, page] = [open.browser(), open.page()]
  expect(await page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated')
  expect((await snapshotOf(page))?.principal?.tenant).toBe('demo')
  expect(browser.console.some(({ text }) => text.startsWith('[MAESTRO] Initialized successfully'))).toBe(true)
  expect(browser.console.filter(({ type }) => type === 'pageerror' || type === 'error')).toEqual([])
})

test('a note is done at once, with no request to a back end (REQ 1-1)', async () => {
  const page = open.page()
  const { key } = await execute(page, 'note.add', NOTE)
  expect((await settled(page, key)).status).toBe('done')
  expect(await effectsOf(demo().origin, key)).toEqual([])
})

test('an email to a contact is done and the back end sent it exactly once (REQ 1-29)', async () => {
  const page = open.page()
  const key = newKey('first-email')
  const answer = await execute(page, 'email.send', EMAIL, { key })
  expect(answer).toMatchObject({ key, idempotent: false })
  expect(await settled(page, key)).toMatchObject({ key, status: 'done', result: expect.objectContaining({ id: expect.anything() }) })
  const effects = await effectsOf(demo().origin, key)
  expect(effects).toHaveLength(1)
  expect(effects[0]).toMatchObject({ idempotency_key: key, action: 'email.send', params: EMAIL })
})

test('a key with every kind of character reaches the back end verbatim', async () => {
  const page = open.page()
  const key = newKey('größe/7?a=b&c %41 日本 😀')
  await execute(page, 'email.send', EMAIL, { key })
  expect((await settled(page, key)).status).toBe('done')
  expect((await effectsOf(demo().origin, key)).map((effect) => effect.idempotency_key)).toEqual([key])
})

test('the databases have the promised names and no others (REQ 1-7)', async () => {
  const page = open.page()
  const { key } = await execute(page, 'email.send', EMAIL)
  await settled(page, key)
  const names = await databasesOf(page)
  expect(names).toEqual(expect.arrayContaining(['maestro_ledger', 'maestro_secrets']))
  expect(names.filter((name) => !['maestro_ledger', 'maestro_secrets', 'workbox-background-sync'].includes(name))).toEqual([])
  expect(await page.evaluate(() => caches.has('maestro-gate'))).toBe(true)
})

test('a second person of the same tenant signs in by the address (REQ 0-11)', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin, { path: '/?user=ben' })
  const [ben, first] = [await snapshotOf(page), await snapshotOf(open.page())]
  expect(ben?.principal?.tenant).toBe('demo')
  expect(ben?.principal?.user).not.toBe(first?.principal?.user)
})

test('the keys in maestro_secrets cannot be exported (REQ 1-7, law 10)', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  await settled(page, (await execute(page, 'note.add', NOTE)).key)
  const keys = await page.evaluate(async () => {
    const open = indexedDB.open('maestro_secrets')
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      open.onsuccess = () => resolve(open.result)
      open.onerror = () => reject(open.error)
    })
    const found: { extractable: boolean; algorithm: string; exported: boolean }[] = []
    for (const name of database.objectStoreNames) {
      const all = database.transaction(name).objectStore(name).getAll()
      await new Promise((resolve) => (all.onsuccess = resolve))
      const visit = async (value: unknown): Promise<void> => {
        if (value instanceof CryptoKey) {
          const exported = await crypto.subtle.exportKey('raw', value).then(
            () => true,
            () => false,
          )
          found.push({ extractable: value.extractable, algorithm: value.algorithm.name, exported })
        } else if (value !== null && typeof value === 'object' && !ArrayBuffer.isView(value))
          for (const member of Object.values(value)) await visit(member)
      }
      await visit(all.result)
    }
    database.close()
    return found
  })
  expect(keys.length).toBeGreaterThan(0)
  expect(keys.filter(({ extractable, exported }) => extractable || exported)).toEqual([])
})
