import { expect, onTestFinished, test } from 'vitest'
import { EMAIL, newKey } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { effectsOf } from '../support/effects.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { DISABLED, HEALTHY, healthByNode, healthInPage } from '../support/health.ts'
import { execute, settled, syncTagsOf } from '../support/in-page.ts'
import { ownDemo } from '../support/shared-demo.ts'
import { expectNoBypass, expectNoDatabase, expectWhenOff } from '../support/when-off.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'

const demo = ownDemo({ VITE_MAESTRO_ENABLED: 'false' })

test('a disabled build makes no database and no request to maestro-sync, and says why (REQ 0-1, 0-3, 0-4, 1-2, 1-30, 1-31, 1-32, 2-1, 2-15, 2-16)', async () => {
  const proxy = await startFaultProxy(demo().port)
  onTestFinished(() => proxy.close())
  const browser = await openBrowser()
  const page = await browser.visit(proxy.origin)
  await expectWhenOff(page)
  await expectNoBypass(page)
  await sleep(500)
  await expectNoDatabase(page)
  expect(proxy.seen.filter(({ path }) => path.includes('maestro-sync'))).toEqual([])
  expect(browser.console.some(({ text }) => text.startsWith('[MAESTRO] Disabled by VITE_MAESTRO_ENABLED=false'))).toBe(true)
  expect(browser.console.some(({ text }) => text.startsWith('[MAESTRO] Initialized successfully'))).toBe(false)
  expect(await effectsOf(demo().origin)).toEqual([])
})

test('health of a disabled build is the promised JSON, by curl and in the page (REQ 1-5)', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const promised = [200, 'application/json', DISABLED]
  expect(await healthByNode(demo().origin)).toEqual(promised)
  expect(await healthInPage(page)).toEqual(promised)
})

test('the static flag of a disabled build says so', async () => {
  expect(await (await fetch(`${demo().origin}/maestro-flag.json`)).json()).toEqual({ enabled: false })
})

test('a build deployed disabled stops an older worker that wakes with no page open, holds its work, and an enabled deploy does it once (REQ 0-1, 1-31, 2-23)', async () => {
  await demo().restart({ VITE_MAESTRO_ENABLED: 'true' })
  expect(await healthByNode(demo().origin)).toEqual([200, 'application/json', HEALTHY])
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  await browser.offline(true)
  const key = newKey('held')
  expect((await execute(page, 'email.send', EMAIL, { key })).status).toBe('queued')
  const tag = (await syncTagsOf(page))[0] ?? ''
  await browser.closePages()

  await demo().restart({ VITE_MAESTRO_ENABLED: 'false' })
  await browser.offline(false)
  await sleep(1_000)
  await browser.fireSync(demo().origin, tag)
  await sleep(3_000)
  expect(await effectsOf(demo().origin, key)).toEqual([])

  const disabled = await browser.visit(demo().origin)
  expect(await healthInPage(disabled)).toEqual([200, 'application/json', DISABLED])
  expect(await execute(disabled, 'email.send', EMAIL)).toMatchObject({ status: 'disabled' })
  expect(browser.console.some(({ text }) => text.startsWith('[MAESTRO] Disabled by VITE_MAESTRO_ENABLED=false'))).toBe(true)
  await disabled.reload()
  await disabled.waitForFunction(() => 'maestro' in window)
  await sleep(1_000)
  expect(await effectsOf(demo().origin, key)).toEqual([])
  await browser.closePages()

  await demo().restart({ VITE_MAESTRO_ENABLED: 'true' })
  const enabled = await browser.visit(demo().origin)
  expect((await settled(enabled, key)).status).toBe('done')
  await eventually('the effect', async () => (await effectsOf(demo().origin, key)).length > 0)
  await sleep(1_000)
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
}, 180_000)
