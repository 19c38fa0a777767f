import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { EMAIL, newKey, NOTE, PAYMENT } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import type { TestBrowser } from '../support/browser.ts'
import { decide } from '../support/dialog.ts'
import { effectsOf } from '../support/effects.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { fileBrowser } from '../support/file-browser.ts'
import { execute, receiptOf, settled, statusOf, syncTagsOf } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
const fresh = fileBrowser()

/** Long enough for a second effect to show itself. */
const SECOND_EFFECT_MS = 2_000

const happenedOnce = async (key: string) => {
  await eventually(`the effect of ${key}`, async () => (await effectsOf(demo().origin, key)).length > 0)
  await sleep(SECOND_EFFECT_MS)
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
}

const happenedOnceAfterSync = async (browser: TestBrowser, tag: string, key: string) => {
  const fired = await eventually('the effect by itself', async () => (await effectsOf(demo().origin, key)).length > 0, 3_000).catch(() => false)
  if (fired === false) await browser.fireSync(demo().origin, tag)
  await happenedOnce(key)
}

test('an offline email is queued, the tab is closed, the network returns, and it is sent once with no page open (REQ 1-24, 1-25, law 12)', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  await browser.offline(true)
  const key = newKey('offline-email')
  expect(await execute(page, 'email.send', EMAIL, { key })).toMatchObject({ key, status: 'queued', idempotent: false })
  const [tag] = await syncTagsOf(page)
  expect(tag).toMatch(/^workbox-background-sync:/)
  await browser.closePages()
  expect(await effectsOf(demo().origin, key)).toEqual([])
  await browser.offline(false)
  await happenedOnceAfterSync(browser, tag ?? '', key)
})

test('an offline email outlives a SIGKILL of the browser and is sent once after its restart, with no page of the app open (REQ 1-24)', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  await browser.offline(true)
  const key = newKey('killed-email')
  expect((await execute(page, 'email.send', EMAIL, { key })).status).toBe('queued')
  const [tag] = await syncTagsOf(page)
  await browser.crash()
  expect(await effectsOf(demo().origin, key)).toEqual([])
  await browser.reopen()
  await happenedOnceAfterSync(browser, tag ?? '', key)
})

test('work queued while the server is away is done when it is back, without a word from the user (REQ 0-18, 1-33)', async () => {
  const browser = fresh()
  const proxy = await startFaultProxy(Number(new URL(demo().origin).port))
  const page = await browser.visit(proxy.origin)
  await proxy.down()
  const keys = Array.from({ length: 5 }, (_, index) => newKey(`away-${index}`))
  for (const key of keys) expect((await execute(page, 'email.send', EMAIL, { key })).status).toBe('queued')
  await proxy.up()
  for (const key of keys) expect((await settled(page, key)).status).toBe('done')
  for (const key of keys) expect(await effectsOf(demo().origin, key)).toHaveLength(1)
  await proxy.close()
})

test('while offline the worker sends nothing and says so once (REQ 1-21, 1-22, 0-17)', async () => {
  const browser = fresh()
  const from = browser.console.length
  const proxy = await startFaultProxy(Number(new URL(demo().origin).port))
  const page = await browser.visit(proxy.origin)
  const { key } = await execute(page, 'note.add', NOTE)
  await eventually('the first sync is over', async () => (await receiptOf(page, key))?.synced)
  await browser.offline(true)
  await sleep(300)
  const before = proxy.seen.length
  for (const text of ['one', 'two', 'three']) expect((await settled(page, (await execute(page, 'note.add', { text })).key)).status).toBe('done')
  await sleep(1_000)
  expect(proxy.seen.slice(before)).toEqual([])
  expect(
    browser.console.slice(from).filter(({ text }) => text.startsWith('[MAESTRO] Server sync unreachable') && text.includes('SYNC_FAILED')),
  ).toHaveLength(1)
  await proxy.close()
})

test('a payment asked and approved offline is made once after the network returns (REQ 1-38)', async () => {
  const browser = fresh()
  const page = await browser.visit(demo().origin)
  await browser.offline(true)
  const key = newKey('offline-payment')
  expect((await execute(page, 'payment.transfer', PAYMENT, { key })).status).toBe('awaiting-approval')
  await decide(page, 'Approve')
  await eventually('the approved payment waits in the queue', async () => (await statusOf(page, key)) === 'queued')
  expect(await effectsOf(demo().origin, key)).toEqual([])
  await browser.offline(false)
  expect((await settled(page, key)).status).toBe('done')
  await happenedOnce(key)
})

test('a payment denied offline is never made (REQ 1-38)', async () => {
  const browser = fresh()
  const page = await browser.visit(demo().origin)
  await browser.offline(true)
  const key = newKey('denied-payment')
  await execute(page, 'payment.transfer', PAYMENT, { key })
  await decide(page, 'Deny')
  expect((await settled(page, key)).status).toBe('denied')
  await browser.offline(false)
  const later = newKey('after-denied')
  await execute(page, 'email.send', EMAIL, { key: later })
  expect((await settled(page, later)).status).toBe('done')
  await sleep(SECOND_EFFECT_MS)
  expect(await effectsOf(demo().origin, key)).toEqual([])
})

test('the demo reloads and works while its server is away (REQ 1-20)', async () => {
  const browser = fresh()
  const proxy = await startFaultProxy(Number(new URL(demo().origin).port))
  const page = await browser.visit(proxy.origin)
  const title = await page.title()
  await proxy.down()
  await page.reload()
  await page.waitForFunction(() => 'maestro' in window, undefined, { timeout: 15_000 })
  expect(await page.title()).toBe(title)
  expect((await page.locator('body').innerText()).length).toBeGreaterThan(200)
  const { key } = await execute(page, 'note.add', NOTE)
  expect((await settled(page, key)).status).toBe('done')
  await proxy.close()
})
