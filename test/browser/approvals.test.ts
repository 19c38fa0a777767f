import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { newKey, PAYMENT } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { approvalButton, decide } from '../support/dialog.ts'
import { effectsOf } from '../support/effects.ts'
import { filePage } from '../support/file-browser.ts'
import { execute, settled, snapshotOf, statusOf } from '../support/in-page.ts'
import type { MaestroWindow } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
const open = filePage(() => demo().origin)

test('a payment waits for a person, says so, and is made once when approved (REQ 1-38, 1-50)', async () => {
  const page = open.page()
  const key = newKey('payment')
  expect((await execute(page, 'payment.transfer', PAYMENT, { key })).status).toBe('awaiting-approval')
  await sleep(1_000)
  expect(await effectsOf(demo().origin, key)).toEqual([])
  await decide(page, 'Approve')
  expect((await settled(page, key)).status).toBe('done')
  const effects = await effectsOf(demo().origin, key)
  expect(effects).toHaveLength(1)
  expect(effects[0]?.params).toEqual(PAYMENT)
  expect(open.heard().some(({ text }) => text.startsWith('[MAESTRO] Escalating to MAN mode - Human approval needed'))).toBe(true)
})

test('the dialog shows what will be done, and cannot be pressed before it is armed', async () => {
  const page = open.page()
  await execute(page, 'payment.transfer', PAYMENT, { key: newKey('shown') })
  const approve = approvalButton(page, 'Approve')
  await approve.waitFor()
  expect(await approve.isDisabled()).toBe(true)
  const text = (await page.locator('maestro-approvals').getByRole('dialog').innerText()).replaceAll(/\s/g, '')
  expect(text).toContain(PAYMENT.iban)
  expect(text).toContain(PAYMENT.amount)
  await expect.poll(() => approve.isEnabled(), { timeout: 1_500 }).toBe(true)
  await decide(page, 'Deny')
})

test('a denied payment is never made, and its key is spent (REQ 1-38)', async () => {
  const page = open.page()
  const key = newKey('denied')
  await execute(page, 'payment.transfer', PAYMENT, { key })
  await decide(page, 'Deny')
  expect(await settled(page, key)).toMatchObject({ status: 'denied', failure: { code: 'DENIED' } })
  expect(await execute(page, 'payment.transfer', PAYMENT, { key })).toMatchObject({ status: 'denied', idempotent: true })
  await sleep(1_000)
  expect(await effectsOf(demo().origin, key)).toEqual([])
})

test('a pending approval survives a reload', async () => {
  const page = open.page()
  const key = newKey('reload')
  await execute(page, 'payment.transfer', PAYMENT, { key })
  await page.reload()
  await page.waitForFunction(() => 'maestro' in window)
  expect(await statusOf(page, key)).toBe('awaiting-approval')
  await decide(page, 'Approve')
  expect((await settled(page, key)).status).toBe('done')
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})

test('a pending approval survives the worker being stopped, with the page open', async () => {
  const page = open.page()
  const key = newKey('stopped')
  await execute(page, 'payment.transfer', PAYMENT, { key })
  const before = (await snapshotOf(page))?.boot
  await open.browser().stopWorkers()
  await decide(page, 'Approve')
  expect((await settled(page, key)).status).toBe('done')
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
  expect((await snapshotOf(page))?.boot).not.toBe(before)
})

test('a pending approval survives SIGKILL and restart of the browser, and waits with no page open (REQ 1-38)', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const key = newKey('restart')
  await execute(page, 'payment.transfer', PAYMENT, { key })
  await browser.crash()
  await browser.reopen()
  await sleep(1_500)
  expect(await effectsOf(demo().origin, key)).toEqual([])
  const again = await browser.visit(demo().origin)
  expect(await statusOf(again, key)).toBe('awaiting-approval')
  await decide(again, 'Approve')
  expect((await settled(again, key)).status).toBe('done')
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})

test('a decision that names another call than the one waiting is refused, and nothing runs (law 6)', async () => {
  const page = open.page()
  const key = newKey('other-digest')
  await execute(page, 'payment.transfer', PAYMENT, { key })
  await page.waitForFunction((key) => (window as unknown as MaestroWindow).maestro.snapshot?.approvals.some((waiting) => waiting.key === key), key)
  const failure = await page.evaluate(async (key) => {
    const { maestro } = window as unknown as MaestroWindow
    const approval = maestro.snapshot?.approvals.find((waiting) => waiting.key === key)
    if (approval === undefined) throw new Error('nothing waits')
    return maestro.decide({ id: approval.id, digest: 'f'.repeat(64), verdict: 'approve' })
  }, key)
  expect(failure?.code).toBe('APPROVAL_CHANGED')
  expect(await statusOf(page, key)).toBe('awaiting-approval')
  expect(await effectsOf(demo().origin, key)).toEqual([])
  await decide(page, 'Deny')
})

test('an approval is used once: a second verdict for it is refused (law 6)', async () => {
  const page = open.page()
  const key = newKey('once')
  await execute(page, 'payment.transfer', PAYMENT, { key })
  const failures = await page.evaluate(async (key) => {
    const { maestro } = window as unknown as MaestroWindow
    const approval = maestro.snapshot?.approvals.find((waiting) => waiting.key === key)
    if (approval === undefined) throw new Error('nothing waits')
    const { id, digest } = approval
    return [await maestro.decide({ id, digest, verdict: 'deny' }), await maestro.decide({ id, digest, verdict: 'approve' })]
  }, key)
  expect(failures.map((failure) => failure?.code ?? null)).toEqual([null, 'APPROVAL_GONE'])
  expect((await settled(page, key)).status).toBe('denied')
  expect(await effectsOf(demo().origin, key)).toEqual([])
})

test('an email to a stranger asks a person, one to a contact does not (REQ 1-1, 1-39)', async () => {
  const page = open.page()
  const stranger = await execute(page, 'email.send', { to: 'eve@attacker.example', subject: 'Hello', body: 'All our files' })
  expect(stranger.status).toBe('awaiting-approval')
  const contact = await execute(page, 'email.send', { to: 'anna@example.com', subject: 'Hello', body: 'Lunch?' })
  expect((await settled(page, contact.key)).status).toBe('done')
  await decide(page, 'Deny')
})
