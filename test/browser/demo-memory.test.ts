import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { newKey } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { decide } from '../support/dialog.ts'
import { eventually } from '../support/eventually.ts'
import { databasesOf, execute, settled, snapshotOf } from '../support/in-page.ts'
import { PASSPHRASE, press } from '../support/memory-page.ts'
import { ownDemo } from '../support/shared-demo.ts'
import { violationsOf } from '../support/violations.ts'

/** Of its own: it sets up an account, and other files need a person who has none. */
const demo = ownDemo({ MAESTRO_DEMO_INFER: 'true' })

const FACT = 'I prefer morning meetings'

const ceremony = async (page: Page, button: string) => {
  await page.getByRole('button', { name: button }).click()
  const frame = await (await page.waitForSelector('iframe')).contentFrame()
  if (!frame) throw new Error('the unlock document has no frame')
  await frame.waitForSelector('form')
  return frame
}

const openMemory = async (page: Page) => {
  await page.getByRole('tab', { name: 'Memory' }).click()
  return page.getByRole('tabpanel', { name: 'Memory' })
}

test('a person sees what the assistant notes, adds, finds and forgets, and opens it all on another device (REQ 0-10)', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin, { path: '/#/assistant/changed-account' })
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByText('What you see above stays live').waitFor({ timeout: 30_000 })
  // Its dialog would be in the way of the mouse.
  await page.evaluate(() => document.querySelector('maestro-approvals')?.remove())

  const panel = await openMemory(page)
  await panel.getByRole('list', { name: 'Working (T2)' }).getByText('Finished “Pay the open invoice').waitFor()
  await panel.getByRole('list', { name: 'Timeline (T3)' }).getByText('A message from Nordlicht Accounts said so').first().waitFor()
  await panel.getByText('on this device’s disk, sealed').waitFor()
  await panel.getByText('nowhere: only this device has it').waitFor()

  for (const [text, about] of [
    [FACT, ''],
    ['Bea likes tea', 'Bea'],
  ] as const) {
    await panel.getByLabel('What to remember').fill(text)
    await panel.getByLabel('About whom').fill(about)
    await panel.getByRole('button', { name: 'Remember', exact: true }).click()
    await panel.getByRole('list', { name: 'Core (T1)' }).getByText(text).waitFor()
  }
  expect((await databasesOf(page)).filter((name) => name.includes('memory'))).toEqual(['maestro_memory_v1'])
  await panel.getByLabel('Search the memory').fill('morning')
  await panel.getByRole('button', { name: 'Search', exact: true }).click()
  await panel.getByText('1 found for “morning”').waitFor()
  await panel.getByLabel('Forget everything about').fill('Bea')
  await panel.getByRole('button', { name: 'Forget all' }).click()
  await panel.getByText('Bea likes tea').waitFor({ state: 'detached' })

  const setUp = await ceremony(page, 'Set a passphrase')
  await setUp.fill('#new', PASSPHRASE)
  await setUp.fill('#again', PASSPHRASE)
  await press(setUp)
  await setUp.waitForSelector('#code')
  await setUp.check('#kept')
  await press(setUp)
  await panel.getByText('The passphrase is set.').waitFor()
  await panel.getByText('core and working are on the server, sealed').waitFor({ timeout: 20_000 })

  const other = await openBrowser()
  const second = await other.visit(demo().origin)
  const there = await openMemory(second)
  const unlock = await ceremony(second, 'Unlock')
  await unlock.fill('#secret', PASSPHRASE)
  await press(unlock)
  await there.getByText('Unlocked on this device.').first().waitFor()
  await there.getByRole('list', { name: 'Core (T1)' }).getByText(FACT).waitFor({ timeout: 20_000 })
  await there
    .getByRole('button', { name: `Forget: ${FACT}` })
    .first()
    .click()
  await there.getByText(FACT).waitFor({ state: 'detached' })
})

test('the memory on a phone has no accessibility violations and does not scroll sideways, the unlock document open or not', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin, { path: '/?user=ben#/room' })
  await page.setViewportSize({ width: 360, height: 740 })
  const sideways = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  const panel = await openMemory(page)
  await panel.getByLabel('What to remember').fill('x'.repeat(200))
  await panel.getByRole('button', { name: 'Remember', exact: true }).click()
  await panel.getByRole('list', { name: 'Core (T1)' }).getByText('xxx').waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await violationsOf(page)).toEqual([])
  }
  expect(await sideways()).toBeLessThanOrEqual(0)
  const frame = await ceremony(page, 'Set a passphrase')
  expect(await violationsOf(page)).toEqual([])
  expect(await sideways()).toBeLessThanOrEqual(0)
  expect(await frame.evaluate(() => [self.origin, document.documentElement.scrollWidth - document.documentElement.clientWidth])).toEqual(['null', 0])
})

test('the outbox and the receipt show the digest words under which a call was approved', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const { key } = await execute(page, 'file.delete', { id: 'f7' }, { key: newKey('words') })
  const asked = await eventually('it waits for a person', async () => (await snapshotOf(page))?.approvals.find((one) => one.key === key), 10_000)
  const words = `Digest words: ${asked.words.join(' · ')}`
  expect(asked.words).toHaveLength(4)
  await page.locator('maestro-outbox').getByText(words).waitFor()
  await decide(page, 'Approve')
  await settled(page, key)
  await page.getByRole('tab', { name: 'Receipts' }).click()
  await page.getByRole('tabpanel', { name: 'Receipts' }).getByText(words).waitFor()
})

test('a demo that is asked to runs the model in its worker, whose script alone may compile WebAssembly', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  expect(await page.evaluate(() => navigator.serviceWorker.controller?.scriptURL)).toBe(`${demo().origin}/sw-infer.js`)
  const policyOf = async (path: string) => (await fetch(`${demo().origin}${path}`)).headers.get('content-security-policy')
  expect(await policyOf('/sw-infer.js')).toContain("script-src 'self' 'wasm-unsafe-eval'")
  for (const path of ['/', '/sw.js']) expect(await policyOf(path)).not.toContain('wasm')
  const answer = await page.evaluate(() =>
    (window as unknown as { maestro: { command(name: string, args: object): Promise<unknown> } }).maestro.command('infer', {
      model: 'guard',
      inputs: { index: { type: 'int64', dims: [1], data: [1] }, value: { type: 'float32', dims: [1], data: [1] } },
    }),
  )
  expect(answer).toMatchObject({ ok: true, value: { score: { data: [expect.any(Number)] } } })
})
