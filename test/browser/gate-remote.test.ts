import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { EMAIL, newKey, PAYMENT } from '../support/ask.ts'
import { decide } from '../support/dialog.ts'
import { effectsOf } from '../support/effects.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { fileBrowser } from '../support/file-browser.ts'
import { flip } from '../support/flag.ts'
import { DISABLED, HEALTHY, healthByNode, healthInPage } from '../support/health.ts'
import { execute, settled, snapshotOf, statusOf } from '../support/in-page.ts'
import type { MaestroWindow } from '../support/in-page.ts'
import type { GateState } from '../../src/protocol/views.ts'
import { ownDemo } from '../support/shared-demo.ts'
import { expectNoBypass, expectNoDatabase, expectWhenOff } from '../support/when-off.ts'
import type { Page } from 'playwright-core'

const demo = ownDemo()
const one = fileBrowser()

/** Asks for the flag until the worker has the state that was set: right after a reconnect it may still believe it is offline. */
const refreshGate = (page: Page, state: GateState) =>
  eventually(`the gate says ${state}`, async () => {
    await page.evaluate(() => (window as unknown as MaestroWindow).maestro.refreshGate())
    return (await snapshotOf(page))?.gate.state === state
  })

test('a kill that was there first: no database, no request to maestro-sync, the promised line, the promised health (REQ 0-2, 0-3, 1-5)', async () => {
  const version = await flip(demo(), 'kill')
  const proxy = await startFaultProxy(demo().port)
  onTestFinished(() => proxy.close())
  const browser = one()
  const page = await browser.visit(proxy.origin)
  await expectWhenOff(page)
  await expectNoBypass(page)
  await sleep(500)
  await expectNoDatabase(page)
  expect(proxy.seen.filter(({ path }) => path.includes('maestro-sync'))).toEqual([])
  expect(browser.console.some(({ text }) => text.startsWith(`[MAESTRO] Disabled by remote flag (version ${version})`))).toBe(true)
  expect(await healthByNode(demo().origin)).toEqual([200, 'application/json', DISABLED])
  expect(await healthInPage(page)).toEqual([200, 'application/json', DISABLED])
  expect(await flip(demo(), 'run')).toBeGreaterThan(version)
  expect(await healthByNode(demo().origin)).toEqual([200, 'application/json', HEALTHY])
})

test('a kill reaches an open page, holds queued work, and the work resumes and runs once (REQ 0-2, 1-3, 2-23, law 7)', async () => {
  await flip(demo(), 'run')
  const browser = one()
  const page = await browser.visit(demo().origin)
  await browser.offline(true)
  const key = newKey('held')
  expect((await execute(page, 'email.send', EMAIL, { key })).status).toBe('queued')
  const version = await flip(demo(), 'kill')
  await browser.offline(false)
  await refreshGate(page, 'kill')
  expect((await snapshotOf(page))?.gate).toMatchObject({ state: 'kill', cause: 'remote', version })
  await sleep(2_000)
  expect(await effectsOf(demo().origin, key)).toEqual([])
  expect(await statusOf(page, key)).toBe('held')
  expect(await execute(page, 'email.send', EMAIL)).toMatchObject({ status: 'disabled' })
  await eventually('the promised line', () =>
    browser.console.some(({ text }) => text.startsWith(`[MAESTRO] Disabled by remote flag (version ${version})`)),
  )
  await flip(demo(), 'run')
  await refreshGate(page, 'run')
  expect((await settled(page, key)).status).toBe('done')
  await sleep(1_000)
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})

test('a kill is remembered by a browser that restarts offline (REQ 0-2)', async () => {
  await flip(demo(), 'run')
  const proxy = await startFaultProxy(demo().port)
  onTestFinished(() => proxy.close())
  const browser = one()
  const page = await browser.visit(proxy.origin)
  await flip(demo(), 'kill')
  await refreshGate(page, 'kill')
  await proxy.down()
  await browser.quit()
  await browser.reopen()
  const again = await browser.visit(proxy.origin)
  expect(await execute(again, 'email.send', EMAIL)).toMatchObject({ status: 'disabled' })
  await flip(demo(), 'run')
  await proxy.up()
  await refreshGate(again, 'run')
  const { key } = await execute(again, 'email.send', EMAIL)
  expect((await settled(again, key)).status).toBe('done')
})

test('a pending approval outlives a kill: it cannot run meanwhile, and can be approved afterwards (law 7)', async () => {
  await flip(demo(), 'run')
  const browser = one()
  const page = await browser.visit(demo().origin)
  const key = newKey('killed-approval')
  await execute(page, 'payment.transfer', PAYMENT, { key })
  await flip(demo(), 'kill')
  await refreshGate(page, 'kill')
  await sleep(500)
  expect(['held', 'awaiting-approval']).toContain(await statusOf(page, key))
  expect(await effectsOf(demo().origin, key)).toEqual([])
  await flip(demo(), 'run')
  await refreshGate(page, 'run')
  await decide(page, 'Approve')
  expect((await settled(page, key)).status).toBe('done')
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})

test('the flag is flipped only with the operator’s token', async () => {
  const put = (authorization: string) =>
    fetch(`${demo().origin}/functions/v1/maestro-flag`, {
      method: 'PUT',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{"action":"kill"}',
    })
  expect((await put('')).status).toBe(401)
  expect([401, 403]).toContain((await put('Bearer guess')).status)
  expect((await healthByNode(demo().origin))[2]).toBe(HEALTHY)
})
