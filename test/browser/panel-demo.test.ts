import { expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { effectsOf } from '../support/effects.ts'
import { snapshotOf, statusOf } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()

test('a visitor sees a mail refused, mends its address and sends it on, exactly once', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const panel = page.locator('maestro-outbox')
  await page.getByRole('button', { name: 'Send two mails that cannot arrive' }).click()
  const card = panel.locator('.card').first()
  await card.getByText('The server refused it.').waitFor()
  await card.getByText('which failed').waitFor()
  await card.getByRole('button', { name: /^Edit/ }).click()
  await panel.getByRole('textbox', { name: 'To' }).fill('anna@example.com')
  await panel.getByRole('button', { name: 'Save and send' }).click()
  await panel.getByText('Email to anna@example.com').waitFor()
  const sent = (await snapshotOf(page))?.receipts.find(({ params }) => params['to'] === 'anna@example.com')
  await expect.poll(() => statusOf(page, sent?.key ?? '')).toBe('done')
  expect(await effectsOf(demo().origin, sent?.key ?? '')).toHaveLength(1)
  // The second mail, no longer behind the first, is refused on its own account.
  await expect.poll(async () => (await snapshotOf(page))?.attention, { timeout: 15_000 }).toBe(1)
  await card.getByRole('button', { name: /^Discard/ }).click()
  await panel.getByRole('button', { name: 'Discard it' }).click()
  await panel.getByText('Nothing waits').first().waitFor()
})

test('signing out asks about unsent work first, and its owner finds it again', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  await page.getByRole('button', { name: 'Send two mails that cannot arrive' }).click()
  await page.locator('maestro-outbox .card').getByText('which failed').waitFor()
  await page.getByRole('button', { name: 'demo: switch person or sign out' }).click()
  await page.getByRole('button', { name: 'Switch to ben' }).click()
  await page.getByRole('heading', { name: 'You have 2 unsent actions' }).waitFor()
  await page.keyboard.press('Escape')
  expect((await snapshotOf(page))?.principal?.user).toBe('demo')
  await page.getByRole('button', { name: 'demo: switch person or sign out' }).click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByRole('button', { name: /^Keep it sealed here/ }).click()
  await page.getByRole('heading', { name: 'Signed out' }).waitFor()
  await page.getByRole('link', { name: 'Sign in as ben' }).click()
  await page.waitForFunction(() => 'maestro' in window)
  await page.locator('maestro-outbox').getByText('Nothing waits').first().waitFor()
  expect((await snapshotOf(page))?.receipts).toEqual([])
  await page.goto(`${demo().origin}/?user=demo`)
  await page.waitForFunction(() => 'maestro' in window)
  await page.locator('maestro-outbox .card').getByText('which failed').waitFor()
})
