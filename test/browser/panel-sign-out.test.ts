import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { ReceiptView, Snapshot } from '../../src/protocol/views.ts'
import { violations } from './fixtures/dialog/axe.ts'
import { panelPages, publish } from './fixtures/panel/pages.ts'
import type { DriverWindow } from './fixtures/panel/pages.ts'
import { dead, receipt, unknown } from './fixtures/panel/receipt.ts'

const { open } = panelPages()

/** A page whose person has just asked to sign out. */
const leaving = async (receipts: readonly ReceiptView[], extra: Partial<Snapshot> = {}): Promise<Page> => {
  const page = await open(receipts, extra, { viewport: { width: 360, height: 740 } }, false)
  await page.evaluate(() => {
    const here = window as unknown as DriverWindow
    void here.driver.signOut().then((choice) => (here.chosen = choice))
  })
  return page
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
const chosen = (page: Page): Promise<string | undefined> => page.evaluate(() => (window as unknown as DriverWindow).chosen)
const WAITING = [receipt(1), receipt(2)]

test('nobody is asked when nothing is unsent', async () => {
  const page = await leaving([receipt(1, { status: 'done', synced: true })])
  await expect.poll(() => chosen(page)).toBe('none')
  expect(await page.getByRole('dialog').count()).toBe(0)
})

test('unsent work is counted, and keeping it sealed here lets the sign-out go on', async () => {
  const page = await leaving(WAITING)
  await page.getByRole('heading', { name: 'You have 2 unsent actions' }).waitFor()
  expect(await violations(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
  expect(await chosen(page)).toBeUndefined()
  await button(page, /^Keep it sealed here/).click()
  await expect.poll(() => chosen(page)).toBe('kept')
  expect(await page.getByRole('dialog').count()).toBe(0)
})

test('what failed is unsent, too', async () => {
  const page = await leaving([dead(1)])
  await page.getByRole('heading', { name: 'You have 1 unsent action' }).waitFor()
})

test('Escape and “Stay signed in” mean not to sign out', async () => {
  const first = await leaving(WAITING)
  await first.getByRole('dialog').waitFor()
  await first.keyboard.press('Escape')
  await expect.poll(() => chosen(first)).toBe('cancel')
  const second = await leaving(WAITING)
  await button(second, 'Stay signed in').click()
  await expect.poll(() => chosen(second)).toBe('cancel')
})

test('sending now shows how far it is and ends when everything has gone out', async () => {
  const page = await leaving(WAITING)
  await button(page, /^Send now/).click()
  await page.getByText('0 actions sent, 2 to go').waitFor()
  await publish(page, [receipt(2)])
  await page.getByText('1 action sent, 1 to go').waitFor()
  expect(await page.getByRole('progressbar').getAttribute('value')).toBe('1')
  expect(await violations(page)).toEqual([])
  expect(await chosen(page)).toBeUndefined()
  await publish(page, [])
  await expect.poll(() => chosen(page)).toBe('sent')
})

test('what cannot go out by waiting is said, and the choices come back', async () => {
  const page = await leaving([receipt(1, { status: 'awaiting-approval', waitingFor: 'approval' }), unknown(2)])
  await button(page, /^Send now/).click()
  await page.getByText('2 actions cannot go out now: they wait for something else first, or failed.').waitFor()
  await button(page, /^Keep it sealed here/).click()
  await expect.poll(() => chosen(page)).toBe('kept')
})

test('offline or switched off, sending now is not offered as possible', async () => {
  const page = await leaving(WAITING, { online: false })
  expect(await button(page, /^Send now/).isDisabled()).toBe(true)
  await publish(page, WAITING, { online: true })
  const other = await leaving(WAITING, { gate: { state: 'kill', cause: 'remote', version: 2, checkedAt: null } })
  expect(await button(other, /^Send now/).isDisabled()).toBe(true)
})

test('taking it along makes the file before the sign-out goes on, and going back asks again', async () => {
  const page = await leaving(WAITING)
  await button(page, /^Take it with you/).click()
  await button(page, 'Cancel').click()
  await button(page, /^Take it with you/).click()
  await button(page, 'Make the file').click()
  await page.getByLabel('Code', { exact: true }).waitFor()
  expect(await chosen(page)).toBeUndefined()
  await button(page, 'I have both').click()
  await expect.poll(() => chosen(page)).toBe('exported')
})

test('the whole question can be answered with the keyboard', async () => {
  const page = await leaving(WAITING)
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect.poll(() => chosen(page)).toBe('kept')
})
