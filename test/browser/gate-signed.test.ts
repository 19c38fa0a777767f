import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { EMAIL, newKey } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { effectsOf } from '../support/effects.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { flip } from '../support/flag.ts'
import { huntFlips } from '../support/hunt-flips.ts'
import { databasesOf, execute, settled, snapshotOf } from '../support/in-page.ts'
import { ownDemo } from '../support/shared-demo.ts'

const demo = ownDemo()
const FLAG = '/functions/v1/maestro-flag'

const gateOf = async (page: Page) => (await snapshotOf(page))?.gate.state

type Coverage = {
  readonly version: number
  readonly devices: number
  readonly proven: number
  readonly unproven: readonly { readonly device: string }[]
}
const coverage = async (): Promise<Coverage> =>
  (await fetch(`${demo().origin}${FLAG}/coverage`, { headers: { authorization: `Bearer ${await demo().adminToken()}` } })).json() as Promise<Coverage>

test('30 kills under 20 intents a second: the last effect is there within a second of the commit, and none is dropped or repeated (REQ 0-2, B-6, law 7)', async () => {
  await flip(demo(), 'run')
  const outcome = await huntFlips(demo(), { flips: 30 })
  expect(outcome).toMatchObject({ flips: 30, dropped: 0, repeated: 0 })
  expect(outcome.intents_taken).toBeGreaterThan(40)
  // A measure that meets no effect under way would be 0 whatever the worker did.
  expect(outcome.in_flight).toBeGreaterThan(2)
  expect(outcome.flips_with_late_effect).toBeGreaterThan(5)
  expect(outcome.last_effect_ms.p99).toBeLessThan(1_000)
})

test('a kill is heard by an open page at once, proven by its signature, and stays: worker restarted, caches cleared, browser restarted offline (REQ 0-2, B-7)', async () => {
  await flip(demo(), 'run')
  const proxy = await startFaultProxy(demo().port)
  onTestFinished(() => proxy.close())
  const browser = await openBrowser()
  const page = await browser.visit(proxy.origin)
  await eventually('its document is proven', async () => {
    const { devices, proven } = await coverage()
    return devices > 0 && proven > 0
  })
  const before = (await coverage()).proven
  const version = await flip(demo(), 'kill')
  await eventually('the kill is heard', async () => (await gateOf(page)) === 'kill', 2_000)
  await eventually('and proven', async () => (await coverage()).version === version && (await coverage()).proven >= 1, 10_000)
  expect((await coverage()).devices - (await coverage()).unproven.length).toBe((await coverage()).proven)
  expect(before).toBeGreaterThan(0)
  expect(proxy.seen.filter(({ path }) => path === `${FLAG}/ack`).length).toBeGreaterThanOrEqual(2)

  const isStill = async (where: Page, what: string) => expect(await execute(where, 'email.send', EMAIL), what).toMatchObject({ status: 'disabled' })
  await browser.stopWorkers()
  await isStill(page, 'worker restarted')
  await proxy.down()
  await page.evaluate(() => caches.delete('maestro-gate'))
  await browser.stopWorkers()
  await isStill(page, 'caches cleared')
  await browser.quit()
  await browser.reopen()
  const again = await browser.visit(proxy.origin)
  await isStill(again, 'browser restarted offline')
  for (const name of await databasesOf(again))
    if (name === 'maestro_secrets')
      await again.evaluate((database) => new Promise((resolve) => (indexedDB.deleteDatabase(database).onsuccess = resolve)), name)
  await browser.stopWorkers()
  await isStill(again, 'keys deleted')
  await proxy.up()
  await flip(demo(), 'run')
  await eventually('leave to run is heard', async () => (await gateOf(again)) === 'run', 20_000)
})

test('what the server’s keys have not signed is refused by the browser, which goes on (REQ B-6)', async () => {
  await flip(demo(), 'run')
  const proxy = await startFaultProxy(demo().port)
  onTestFinished(() => proxy.close())
  const browser = await openBrowser()
  const page = await browser.visit(proxy.origin)
  await eventually('it runs', async () => (await snapshotOf(page))?.gate.version)
  const real = (await (await fetch(`${demo().origin}${FLAG}`)).json()) as { version: number; document: string }
  const forged = { ...real, version: real.version + 1, action: 'kill' }
  const bad = [
    { ...forged, document: undefined },
    { ...forged, document: `${real.document.slice(0, -4)}AAAA` },
  ]
  for (const body of bad) {
    proxy.script(FLAG, [{ kind: 'answer', status: 200, type: 'application/json', body: JSON.stringify(body) }])
    await page.evaluate(() => (window as unknown as { maestro: { refreshGate(): Promise<void> } }).maestro.refreshGate())
    await sleep(2_100)
    expect(await gateOf(page)).toBe('run')
  }
  expect(browser.console.some(({ text }) => text.startsWith('[MAESTRO] Kill document refused: it is not signed'))).toBe(true)
  const key = newKey('still')
  await execute(page, 'email.send', EMAIL, { key })
  expect((await settled(page, key)).status).toBe('done')
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})
