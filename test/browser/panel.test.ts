import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { expect, test } from 'vitest'
import { arrange } from '../../src/panel/arrange.ts'
import { actionPhrase, promisePhrase, sizePhrase, whyPhrase } from '../../src/panel/phrases.ts'
import type { GateView, ReceiptView } from '../../src/protocol/views.ts'
import { violations } from './fixtures/dialog/axe.ts'
import { button, calls, card, focused, group, panelPages, publish, rows, summary } from './fixtures/panel/pages.ts'
import type { DriverWindow } from './fixtures/panel/pages.ts'
import { dead, receipt, unknown } from './fixtures/panel/receipt.ts'

const { open } = panelPages()
const RUN: GateView = { state: 'run', cause: 'none', version: 1, checkedAt: null }
const OFF: GateView = { state: 'kill', cause: 'remote', version: 7, checkedAt: null }
const NOON = new Date(2026, 10, 21, 12, 0, 0).getTime()

test('items stand under the reason they wait for, each with why and until when', async () => {
  const soon = Date.now() + 600_000
  const page = await open([
    receipt(1, { waitingFor: 'network' }),
    receipt(2, { waitingFor: 'retry', attempts: 2, dueAt: soon }),
    receipt(3, { waitingFor: 'network' }),
    receipt(4, { status: 'awaiting-approval', waitingFor: 'approval', dueAt: soon }),
    receipt(5, { status: 'done' }),
  ])
  await group(page, 'Waiting for the network').getByText('person3@example.com').waitFor()
  expect(await group(page, 'Waiting for the network').locator('.row').count()).toBe(2)
  const at = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(soon)
  expect(await group(page, 'Retrying').textContent()).toContain(`Retrying at ${at} (third attempt)`)
  expect(await group(page, 'Waiting for your approval').textContent()).toContain('Nothing happens before you decide')
  expect(await summary(page, '4 actions wait').isVisible()).toBe(true)
  expect(await page.locator('maestro-outbox .groups').textContent()).not.toContain('person5@example.com')
})

test('what changes moves to its new group without being asked for, and what is done leaves', async () => {
  const page = await open([receipt(1, { waitingFor: 'network' }), receipt(2)])
  await group(page, 'Waiting for the network').getByText('person1@example.com').waitFor()
  await page.evaluate(() => (window as unknown as DriverWindow).driver.change('key-1', { waitingFor: 'running' }))
  await group(page, 'Being done now').getByText('person1@example.com').waitFor()
  expect(await group(page, 'Waiting for the network').count()).toBe(0)
  await page.evaluate(() => (window as unknown as DriverWindow).driver.change('key-1', { status: 'done', synced: true }))
  await page.getByText('Exactly once · sent and recorded').waitFor()
  await summary(page, '1 action waits').waitFor()
})

test('what was tried already cannot be cancelled, only given up, and the difference is said', async () => {
  const page = await open([receipt(1), receipt(2, { waitingFor: 'retry', attempts: 1 })])
  await group(page, 'Retrying').getByRole('button').click()
  await page.getByText('It was tried already and may have run.').waitFor()
  await button(page, 'Give it up').click()
  await expect.poll(async () => (await calls(page, 'discard')).map(({ key }) => key)).toEqual(['key-2'])
  await group(page, 'Next in line').getByRole('button').click()
  await page.getByText('It has not been done yet, and will not be.').waitFor()
  await button(page, 'Cancel it').click()
  await expect.poll(async () => (await calls(page, 'cancel')).map(({ key }) => key)).toEqual(['key-1'])
})

test('how safe an item is, is said of each, and never more than is true', () => {
  expect(promisePhrase(receipt(1), 'durable')).toBe('Exactly once · kept on this device · not confirmed by the server')
  expect(promisePhrase(receipt(1, { guarantee: 'at-most-once' }), 'memory')).toBe(
    'At most once · kept only while this browser runs · not confirmed by the server',
  )
  expect(promisePhrase(receipt(1, { status: 'done', synced: true }), 'durable')).toBe('Exactly once · sent and recorded')
  expect(promisePhrase(receipt(1, { status: 'done', synced: false }), 'durable')).toContain('not confirmed by the server yet')
})

test('what the browser keeps, could not read or leaves to a newer version is said in words (REQ 1-14)', async () => {
  const page = await open([receipt(1)], { quarantined: 2, parked: 1 })
  await page.getByText('2 records could not be read. They are set aside').waitFor()
  await page.getByText('1 action was written by a newer version of this app.').waitFor()
  await page.getByText(/^[\d.]+ (kB|MB|GB) of [\d.]+ (MB|GB|TB) used by this app\.$/).waitFor()
  await page.evaluate(() => Object.assign(navigator.storage, { persist: () => Promise.resolve(true) }))
  await button(page, 'Keep this data').click()
  await page.getByText('The browser will not clear it by itself.').waitFor()
  expect(await button(page, 'Keep this data').count()).toBe(0)
  await publish(page, [receipt(1)], { durability: 'memory' })
  await page.getByText('Kept only while this browser runs: closing it').waitFor()
  expect(await page.getByText('could not be read').count()).toBe(0)
})

test('what holds everything up is said once on top: the switch, the sign-in, the network', async () => {
  const held = receipt(1, { status: 'held', waitingFor: 'gate' })
  const page = await open([held], { gate: OFF, online: false, needsSignIn: true })
  await page.getByText('Held: MAESTRO is off (version 7). Nothing is lost').waitFor()
  await page.getByText('Your sign-in has expired.').waitFor()
  await page.getByText('You are offline.').waitFor()
  await group(page, 'Held: MAESTRO is off (version 7)').waitFor()
  await publish(page, [receipt(1)])
  await group(page, 'Next in line').waitFor()
  expect(await page.locator('maestro-outbox .notice').count()).toBe(0)
})

test('of 10,000 waiting items only a window is in the page, however often they change', async () => {
  const many = Array.from({ length: 10_000 }, (_, n) => receipt(n))
  const page = await open(many)
  await page.getByText('50 of 10,000 actions, the oldest first').waitFor()
  await expect.poll(() => rows(page)).toBe(50)
  await button(page, 'Show 50 more').click()
  await page.getByText('100 of 10,000 actions').waitFor()
  await expect.poll(() => rows(page)).toBe(100)
  for (const shown of [150, 200]) {
    await button(page, 'Show 50 more').click()
    await page.getByText(`${shown} of 10,000 actions`).waitFor()
  }
  await button(page, 'Show the next 200').click()
  await page.getByText('person200@example.com').waitFor()
  await expect.poll(() => rows(page)).toBe(200)
  expect(await page.getByText('person199@example.com').count()).toBe(0)
  const before = (await calls(page, 'outbox')).length
  await page.evaluate(async () => {
    const { driver } = window as unknown as DriverWindow
    for (let n = 9_000; n < 9_060; n += 1) {
      driver.change(`key-${n}`, { waitingFor: 'running' })
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  })
  await button(page, 'Back to the oldest').click()
  await page.getByText('50 of 10,000 actions, the oldest first').waitFor()
  expect((await calls(page, 'outbox')).length - before).toBeLessThan(20)
})

test('a panel that nobody can see asks nothing, and is up to date once somebody can', async () => {
  const page = await open([receipt(1)])
  await page.getByText('person1@example.com').waitFor()
  await page.evaluate(() => document.querySelector('maestro-outbox')?.toggleAttribute('hidden', true))
  await page.addStyleTag({ content: 'maestro-outbox[hidden] { display: none }' })
  await page.waitForTimeout(600)
  const before = (await calls(page, 'outbox')).length
  await publish(page, [receipt(1), receipt(2)])
  await page.waitForTimeout(600)
  expect(await calls(page, 'outbox')).toHaveLength(before)
  await page.evaluate(() => document.querySelector('maestro-outbox')?.toggleAttribute('hidden', false))
  await page.getByText('person2@example.com').waitFor()
})

test('an outbox that cannot be read says so and shows what is known', async () => {
  const page = await open([receipt(1)])
  await page.evaluate(() => (window as unknown as DriverWindow).driver.lose(true))
  await publish(page, [receipt(1), receipt(2)])
  await page.getByText('The list cannot be read just now.').waitFor()
  expect(await page.getByText('person1@example.com').isVisible()).toBe(true)
  await page.evaluate(() => (window as unknown as DriverWindow).driver.lose(false))
  await publish(page, [receipt(1), receipt(2)])
  await page.getByText('person2@example.com').waitFor()
  expect(await page.getByText('The list cannot be read just now.').count()).toBe(0)
})

test('another person sees nothing of what the one before had waiting', async () => {
  const page = await open([receipt(1), dead(2)])
  await card(page, 'person2@example.com').waitFor()
  await publish(page, [], { principal: { tenant: 'demo', user: 'ben' } })
  await summary(page, 'Nothing waits').waitFor()
  expect(await page.getByText(/person\d@example.com/).count()).toBe(0)
})

test('text of others is shown as text, with deceiving characters spelled out', async () => {
  const params = { to: '<img src=x onerror="window.hit=1">\u202Efdp.exe' }
  const page = await open([
    dead(1, { params, failure: { code: 'EFFECT_REJECTED', retry: 'never', message: '<b>no</b>\u200B' } }),
    receipt(2, { params }),
  ])
  await group(page, 'Next in line').getByText('[U+202E right-to-left override]').waitFor()
  expect(await card(page, 'Failed').textContent()).toContain('<b>no</b>[U+200B zero-width space]')
  expect(await page.locator('maestro-outbox :is(img, b)').count()).toBe(0)
  expect(await page.evaluate(() => 'hit' in window)).toBe(false)
})

test('everything can be done with the keyboard, and the focus never falls out of the panel', async () => {
  const page = await open([dead(1), dead(2), receipt(3)])
  await card(page, 'person2@example.com').waitFor()
  await page.locator('#before').focus()
  const order: string[] = []
  for (let step = 0; step < 7; step += 1) {
    await page.keyboard.press('Tab')
    order.push(await focused(page))
  }
  const three = ['Retry: Send email', 'Edit: Send email', 'Discard: Send email']
  expect(order).toEqual([...three, ...three, 'Cancel: Send email'])
  await page.keyboard.press('Enter')
  expect(await focused(page)).toBe('Keep it waiting')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await summary(page, 'Nothing waits · 2 need you').waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.localName)).toBe('maestro-outbox')
  expect(await calls(page, 'cancel')).toMatchObject([{ key: 'key-3' }])
})

test('a focused button stays focused while the list changes around it', async () => {
  const page = await open([receipt(1), receipt(2), receipt(3)])
  await page.getByText('person3@example.com').waitFor()
  const third = page.locator('maestro-outbox [data-key="key-3"] button')
  await third.focus()
  await page.evaluate(() => (window as unknown as DriverWindow).driver.change('key-1', { waitingFor: 'network' }))
  await group(page, 'Waiting for the network').waitFor()
  await page.evaluate(() => (window as unknown as DriverWindow).driver.change('key-3', { waitingFor: 'network' }))
  await group(page, 'Waiting for the network').getByText('person3@example.com').waitFor()
  expect(
    await page.evaluate(() => document.querySelector('maestro-outbox')?.shadowRoot?.activeElement?.closest('[data-key]')?.getAttribute('data-key')),
  ).toBe('key-3')
})

test('changes are said to screen readers once, politely', async () => {
  const page = await open([receipt(1)])
  const status = page.locator('maestro-outbox .unseen[role=status]')
  await summary(page, '1 action waits').waitFor()
  expect(await status.textContent()).toBe('')
  await publish(page, [receipt(1), dead(2)])
  await expect.poll(() => status.textContent()).toBe('1 action waits · 1 needs you')
})

const EVERYTHING: readonly ReceiptView[] = [
  dead(1),
  unknown(2),
  receipt(3, { waitingFor: 'sequence', blockedBy: 'key-1' }),
  receipt(4, { waitingFor: 'retry', dueAt: 0 }),
  receipt(5, { waitingFor: 'undo window', dueAt: 0 }),
  receipt(6, { status: 'held', waitingFor: 'export' }),
  receipt(7, { status: 'done' }),
]

const LOOKS: readonly [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['phone-dark', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }],
]

for (const [name, options] of LOOKS)
  test(`axe finds nothing to complain about and nothing scrolls sideways: ${name}`, async () => {
    const page = await open(EVERYTHING, { quarantined: 1, parked: 1, needsSignIn: true, online: false }, { ...options, reducedMotion: 'reduce' })
    await card(page, 'person1@example.com').waitFor()
    const fits = (): Promise<boolean> => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)
    const screenshots = process.env['PANEL_SCREENSHOTS']
    const look = async (part: string): Promise<void> => {
      if (screenshots !== undefined) await page.screenshot({ path: join(screenshots, `${name}-${part}.png`) })
      expect(await violations(page)).toEqual([])
      expect(await fits()).toBe(true)
    }
    await look('panel')
    for (const [opener, closer, part] of [
      ['Edit: Send email', 'Cancel', 'edit'],
      ['Discard: Transfer payment', 'Keep it', 'discard'],
      ['Bring unsent work in', 'Cancel', 'import'],
      ['Take unsent work with you', 'Make the file', 'export'],
    ] as const) {
      await button(page, opener).click()
      await look(part)
      await button(page, closer).click()
    }
    await look('code')
  })

test('reasons and dates read as a person would say them', () => {
  const why = (extra: Partial<ReceiptView>, gate = RUN, blocker?: string): string => whyPhrase(receipt(1, extra), gate, NOON, blocker)
  expect(why({ waitingFor: 'retry', attempts: 2, dueAt: NOON + 7_500_000 })).toBe('Retrying at 14:05 (third attempt)')
  expect(why({ waitingFor: 'retry', attempts: 11, dueAt: NOON - 1 })).toBe('Retrying now (number 12 attempt)')
  expect(why({ waitingFor: 'retry', attempts: 0, dueAt: NOON + 90_000 })).toBe('Retrying at 12:01:30 (first attempt)')
  expect(why({ waitingFor: 'undo window', dueAt: NOON + 7_100 })).toBe('Goes out in 8 s')
  expect(why({ waitingFor: 'gate' }, OFF)).toBe('Held: MAESTRO is off (version 7). It comes back unchanged')
  expect(why({ waitingFor: 'sequence', blockedBy: 'k' }, RUN, 'create invoice')).toBe('Waits for ‘create invoice’, which failed')
  expect(why({ waitingFor: 'sequence' })).not.toContain('failed')
  expect(why({ waitingFor: 'approval', dueAt: NOON + 5 * 86_400_000 })).toContain('26 Nov')
  expect([actionPhrase('email.send'), actionPhrase('create-invoice'), sizePhrase(0), sizePhrase(1_234_567), sizePhrase(42_000_000_000)]).toEqual([
    'Send email',
    'Create invoice',
    '0.0 kB',
    '1.2 MB',
    '42 GB',
  ])
})

test('what a person can do something about stands first', () => {
  const items = [receipt(1, { waitingFor: 'gate' }), receipt(2, { waitingFor: 'network' }), receipt(3, { waitingFor: 'approval' }), dead(4)]
  const { groups, troubles } = arrange(items, [dead(4)], [])
  expect(groups.map(({ reason }) => reason)).toEqual(['approval', 'network', 'gate'])
  expect(troubles.map(({ receipt: one }) => one.key)).toEqual(['key-4'])
})
