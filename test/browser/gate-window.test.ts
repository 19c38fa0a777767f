import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { EMAIL, newKey } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { effectsOf } from '../support/effects.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { filePage } from '../support/file-browser.ts'
import { DISABLED, HEALTHY, healthByNode, healthInPage } from '../support/health.ts'
import { execute, settled } from '../support/in-page.ts'
import type { MaestroWindow } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'
import { expectNoBypass, expectNoDatabase, expectWhenOff } from '../support/when-off.ts'

const demo = sharedDemo()
const open = filePage(() => demo().origin)
const OFF = 'window.MAESTRO_ENABLED = false'

test('window.MAESTRO_ENABLED = false before the page starts: no database, no request to maestro-sync, and the console says why (REQ 2-2, 2-16)', async () => {
  const proxy = await startFaultProxy(Number(new URL(demo().origin).port))
  onTestFinished(() => proxy.close())
  const browser = await openBrowser()
  const page = await browser.visit(proxy.origin, { before: OFF })
  await expectWhenOff(page)
  await expectNoBypass(page)
  await sleep(500)
  await expectNoDatabase(page)
  expect(proxy.seen.filter(({ path }) => path.includes('maestro-sync'))).toEqual([])
  expect(browser.console.some(({ text }) => text.startsWith('[MAESTRO] Disabled by window.MAESTRO_ENABLED=false'))).toBe(true)
})

test('set late it stops new actions at once, is seen by this page alone, and can be taken back (REQ 2-2, 2-3)', async () => {
  const page = await open.browser().visit(demo().origin)
  const other = open.page()
  await page.evaluate(() => {
    ;(window as unknown as MaestroWindow).MAESTRO_ENABLED = false
  })
  const key = newKey('window-off')
  expect(await execute(page, 'email.send', EMAIL, { key })).toMatchObject({ status: 'disabled', failure: { code: 'DISABLED' } })
  expect(await page.evaluate(() => (window as unknown as MaestroWindow).maestro.health())).toEqual({ status: 'disabled', maestro_enabled: false })
  await eventually('in-page health is disabled', async () => (await healthInPage(page))[2] === DISABLED, 3_000)
  expect((await healthByNode(demo().origin))[2]).toBe(HEALTHY)
  expect((await healthInPage(other))[2]).toBe(HEALTHY)
  expect(await effectsOf(demo().origin, key)).toEqual([])
  const elsewhere = await execute(other, 'email.send', EMAIL)
  expect((await settled(other, elsewhere.key)).status).toBe('done')
  await page.evaluate(() => {
    delete (window as unknown as Partial<MaestroWindow>).MAESTRO_ENABLED
  })
  expect((await execute(page, 'email.send', EMAIL, { key })).idempotent).toBe(false)
  expect((await settled(page, key)).status).toBe('done')
  expect((await healthInPage(page))[2]).toBe(HEALTHY)
})

test('window.MAESTRO_ENABLED = true changes nothing: it can only disable (REQ 2-2)', async () => {
  const page = await open.browser().visit(demo().origin, { before: 'window.MAESTRO_ENABLED = true' })
  const { key } = await execute(page, 'email.send', EMAIL)
  expect((await settled(page, key)).status).toBe('done')
})

test('health of an enabled build is the promised JSON, by curl and in the page (REQ 1-4)', async () => {
  const page = open.page()
  const promised = [200, 'application/json', HEALTHY]
  expect(await healthByNode(demo().origin)).toEqual(promised)
  expect(await healthInPage(page)).toEqual(promised)
})
