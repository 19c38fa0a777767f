import { expect, test } from 'vitest'
import type { BrowserContextOptions } from 'playwright-core'
import { ARMING_MS, GONE_MS, canDecide, initialState, reduce } from '../../src/dialog/controller.ts'
import { timeLeft } from '../../src/dialog/phrases.ts'
import { approval } from './fixtures/dialog/approval.ts'
import { violations } from './fixtures/dialog/axe.ts'
import { approve, armed, decisions, deny, details, dialogPages, focused, publish, screenshot } from './fixtures/dialog/harness.ts'

const { open } = dialogPages()

test('approving names the exact call and closes the dialog', async () => {
  const page = await open()
  await publish(page, [approval(1)])
  await armed(page)
  await approve(page).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await decisions(page)).toEqual([{ id: 'a1', digest: '1'.repeat(64), verdict: 'approve' }])
})

test('denying names the exact call and closes the dialog', async () => {
  const page = await open()
  await publish(page, [approval(1)])
  await armed(page)
  await deny(page).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await decisions(page)).toEqual([{ id: 'a1', digest: '1'.repeat(64), verdict: 'deny' }])
})

test('both buttons are disabled while arming, then enabled within 1.5 s with focus on Deny', async () => {
  const page = await open()
  await page.clock.resume()
  await publish(page, [approval(1)])
  expect(await approve(page).isDisabled()).toBe(true)
  expect(await deny(page).isDisabled()).toBe(true)
  expect(await focused(page)).toBe('Transfer money 1')
  // By the page's own clock: this process may be kept waiting on a busy machine, a person is not.
  const armingMs = await page.evaluate(async () => {
    const root = document.querySelector('maestro-approvals')?.shadowRoot
    const isDisabled = () => [...(root?.querySelectorAll('button') ?? [])].some((button) => button.textContent === 'Approve' && button.disabled)
    const started = performance.now()
    while (isDisabled()) await new Promise((resolve) => setTimeout(resolve, 5))
    return performance.now() - started
  })
  expect(armingMs).toBeLessThan(1_500)
  expect(await deny(page).isEnabled()).toBe(true)
  expect(await focused(page)).toBe('Deny')
})

test('Enter approves nothing unless Approve was reached by Tab', async () => {
  const page = await open()
  await publish(page, [approval(1)])
  await page.keyboard.press('Enter')
  await armed(page)
  await details(page).focus()
  await page.keyboard.press('Enter')
  await approve(page).focus()
  await page.keyboard.press('Enter')
  expect(await decisions(page)).toEqual([])
  await deny(page).focus()
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Approve')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await decisions(page)).toHaveLength(1)
})

test('a key that is held down decides nothing, a fresh Space does', async () => {
  const page = await open()
  await page.locator('#before').focus()
  await page.keyboard.down('Enter')
  await publish(page, [approval(1)])
  await armed(page)
  await page.keyboard.down('Enter')
  await page.keyboard.down('Enter')
  await page.keyboard.up('Enter')
  expect(await decisions(page)).toEqual([])
  await approve(page).focus()
  await page.keyboard.press('Space')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await decisions(page)).toMatchObject([{ verdict: 'approve' }])
})

test('a click made by a script is refused', async () => {
  const page = await open()
  await publish(page, [approval(1)])
  await armed(page)
  for (const button of [approve(page), deny(page)]) await button.evaluate((element: HTMLElement) => element.click())
  await approve(page).dispatchEvent('click')
  expect(await decisions(page)).toEqual([])
  expect(await page.getByRole('dialog').isVisible()).toBe(true)
})

test('Escape keeps the approval pending, and the pill reopens it and arms it anew', async () => {
  const page = await open()
  await page.locator('#before').focus()
  await publish(page, [approval(1)])
  await armed(page)
  const pill = page.getByRole('button', { name: '1 action waits for you' })
  await page.keyboard.press('Escape')
  await pill.waitFor()
  expect(await page.getByRole('dialog').isVisible()).toBe(false)
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('before')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  expect(await approve(page).isDisabled()).toBe(true)
  expect(await pill.isVisible()).toBe(false)
  await page.keyboard.press('Escape')
  await publish(page, [approval(1), approval(2)])
  await page.getByRole('status').filter({ hasText: '2 actions wait for you' }).waitFor({ state: 'attached' })
  await publish(page, [approval(1)])
  await pill.click()
  for (let round = 0; round < 2; round += 1) {
    await page.keyboard.press('Escape')
    await pill.click()
    await armed(page)
  }
  expect(await decisions(page)).toEqual([])
})

test('three approvals are shown oldest first, one at a time, and a newcomer never replaces the one shown', async () => {
  const page = await open()
  await publish(page, [approval(3), approval(2), approval(4)])
  const heading = page.getByRole('heading', { level: 2 })
  expect(await heading.textContent()).toBe('Transfer money 2')
  expect(await page.getByText('1 of 3').isVisible()).toBe(true)
  await publish(page, [approval(1), approval(2), approval(3), approval(4)])
  expect(await heading.textContent()).toBe('Transfer money 2')
  expect(await page.getByText('2 of 4').isVisible()).toBe(true)
  await armed(page)
  await approve(page).click()
  await page.getByText('1 of 3').waitFor()
  expect(await heading.textContent()).toBe('Transfer money 1')
  expect(await approve(page).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Next request' }).click()
  expect(await heading.textContent()).toBe('Transfer money 3')
  await armed(page)
  await deny(page).click()
  await page.getByText('1 of 2').waitFor()
  expect(await decisions(page)).toMatchObject([
    { id: 'a2', verdict: 'approve' },
    { id: 'a3', verdict: 'deny' },
  ])
})

test('an approval decided elsewhere says so before the next one is shown', async () => {
  const page = await open()
  await publish(page, [approval(1), approval(2)])
  await armed(page)
  await publish(page, [approval(2)], { k1: 'denied' })
  await page.getByText('This request was denied elsewhere').waitFor()
  expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe('Transfer money 1')
  expect(await approve(page).isDisabled()).toBe(true)
  await page.clock.runFor(GONE_MS)
  await page.getByRole('heading', { name: 'Transfer money 2' }).waitFor()
})

test('an approval that expires while shown is closed as expired', async () => {
  const page = await open()
  await publish(page, [approval(1, { expiresAt: (await page.evaluate(() => Date.now())) + 1_500 })])
  await page.clock.runFor(1_500)
  await page.getByText('This request has expired').waitFor()
  expect(await approve(page).isDisabled()).toBe(true)
  await page.clock.runFor(GONE_MS)
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await page.getByRole('button', { name: /waits? for you/ }).count()).toBe(0)
})

test('hostile text is shown as text, with deceiving characters spelled out', async () => {
  const page = await open()
  const value = '<img src=x onerror="window.hit=1">\u202Efdp.exe p\u0430ypal.com'
  const said = { saidBy: '<b>billing</b>\u200B', quote: '<script>window.hit=1</script>' }
  await publish(page, [
    approval(1, {
      title: '<i>Transfer</i>',
      agent: '<svg onload=window.hit=1>',
      agentReason: '<a href="javascript:window.hit=1">\u2066x</a>',
      fields: [{ name: 'to', role: 'target', value, origin: 'untrusted', ...said }],
    }),
  ])
  const text = await page.getByRole('dialog').textContent()
  for (const shown of [
    '<img src=x onerror="window.hit=1">',
    '[U+202E right-to-left override]',
    'p\u0430[Cyrillic U+0430, looks like a]ypal.com',
    '<b>billing</b>[U+200B zero-width space]',
    '<script>window.hit=1</script>',
    '<i>Transfer</i>',
    '[U+2066 left-to-right isolate]',
  ])
    expect(text).toContain(shown)
  expect(text).not.toMatch(/[\u202E\u200B\u2066]/)
  expect(await page.locator('maestro-approvals :is(img, script, svg, b, i, a)').count()).toBe(0)
  expect(await page.evaluate(() => 'hit' in window)).toBe(false)
  await screenshot(page, 'hostile')
})

test('origin, quote, what leaves, expiry and digest words are shown, and the assistant speaks last', async () => {
  const page = await open()
  await publish(page, [approval(1)])
  const text = (await details(page).textContent()) ?? ''
  const order = [
    'DE89 3704',
    'Only untrusted text says this, said by billing@northwind.example',
    'new account DE89',
    'These values are sent to',
    'in 3 days',
    'amber · falcon',
  ]
  const places = [...order, "The assistant's own explanation (not checked)", 'The supplier asked'].map((part) => text.indexOf(part))
  expect(places).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  const time = page.locator('maestro-approvals time')
  expect(Date.parse((await time.getAttribute('datetime')) ?? '')).toBeGreaterThan(Date.now())
  expect(await time.textContent()).toMatch(/\d{4}, \d{2}:\d{2}/)
})

test('a failed decision is an alert in the dialog, which stays and can be tried again', async () => {
  const page = await open()
  await page.evaluate(() => window.driver.failWith('The worker did not answer.'))
  await publish(page, [approval(1)])
  await armed(page)
  await approve(page).click()
  await page.getByRole('alert').filter({ hasText: 'The worker did not answer.' }).waitFor()
  await page.evaluate(() => window.driver.failWith(null))
  await approve(page).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await decisions(page)).toHaveLength(2)
})

test('while a decision is on its way neither button takes another', async () => {
  const page = await open()
  await page.evaluate(() => window.driver.hold())
  await publish(page, [approval(1)])
  await armed(page)
  await approve(page).click()
  expect(await approve(page).isDisabled()).toBe(true)
  expect(await deny(page).isDisabled()).toBe(true)
  await page.evaluate(() => window.driver.release())
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await decisions(page)).toHaveLength(1)
})

test('focus stays in the dialog while it is open and returns to the page afterwards', async () => {
  const page = await open()
  await page.locator('#before').focus()
  await publish(page, [approval(1), approval(2)])
  await armed(page)
  const seen = new Set<string>()
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.id)).not.toBe('before')
    seen.add(await focused(page))
  }
  expect([...seen]).toEqual(expect.arrayContaining(['Deny', 'Approve', '›']))
  await publish(page, [])
  await page.clock.runFor(GONE_MS)
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('before')
})

test('inside a frame the dialog explains itself and takes no decision', async () => {
  const page = await open({}, '/frame')
  const frame = page.frames()[1]
  if (frame === undefined) throw new Error('no frame')
  await publish(frame, [approval(1)])
  await frame.getByText('Open this page in its own tab to decide.').waitFor()
  await page.clock.runFor(ARMING_MS + 400)
  expect(await approve(frame).isDisabled()).toBe(true)
  expect(await deny(frame).isDisabled()).toBe(true)
})

const LOOKS: readonly [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { colorScheme: 'light', viewport: { width: 320, height: 640 } }],
  ['phone-dark', { colorScheme: 'dark', viewport: { width: 320, height: 640 } }],
]

for (const [name, options] of LOOKS)
  test(`axe finds nothing to complain about and the buttons are in view: ${name}`, async () => {
    const page = await open({ ...options, reducedMotion: 'reduce' })
    await publish(page, [approval(1), approval(2, { title: 'Send an email', lane: 'YELLOW', reversible: true })])
    await screenshot(page, `${name}-arming`)
    await armed(page)
    await page.mouse.move(1, 1)
    await page.clock.resume()
    await screenshot(page, name)
    expect(await violations(page)).toEqual([])
    for (const button of [approve(page), deny(page)]) {
      const box = await button.boundingBox()
      expect(box).not.toBeNull()
      if (box !== null) expect(box.y + box.height).toBeLessThanOrEqual(page.viewportSize()?.height ?? 0)
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
    const body = details(page)
    expect(await body.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true)
    await body.evaluate((element) => element.scrollTo(0, element.scrollHeight))
    await screenshot(page, `${name}-end`)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: '2 actions wait for you' }).waitFor()
    await screenshot(page, `${name}-pill`)
    expect(await violations(page)).toEqual([])
  })

test('arming starts over when the page was hidden or another approval is shown', () => {
  const listed = { type: 'listed', approvals: [approval(1), approval(2)], fates: new Map() } as const
  const first = reduce(initialState(true), listed, 0)
  expect(canDecide(first, ARMING_MS - 1, 'deny')).toBe(false)
  expect(canDecide(first, ARMING_MS, 'deny')).toBe(true)
  const hidden = reduce(first, { type: 'visibility', visible: false }, 2_000)
  expect(canDecide(hidden, 9_000, 'deny')).toBe(false)
  const back = reduce(hidden, { type: 'visibility', visible: true }, 10_000)
  expect([canDecide(back, 10_000 + ARMING_MS - 1, 'deny'), canDecide(back, 10_000 + ARMING_MS, 'deny')]).toEqual([false, true])
  const second = reduce(back, { type: 'stepped', by: 1 }, 20_000)
  expect([canDecide(second, 20_000, 'deny'), canDecide(second, 20_000 + ARMING_MS, 'deny')]).toEqual([false, true])
})

test('the same id with another digest counts as a changed call, never as the one shown', () => {
  const before = reduce(initialState(true), { type: 'listed', approvals: [approval(1)], fates: new Map() }, 0)
  const after = reduce(before, { type: 'listed', approvals: [approval(1, { digest: 'f'.repeat(64) })], fates: new Map() }, 5_000)
  expect(after.gone?.fate).toBe('changed')
  expect(canDecide(after, 5_000, 'deny')).toBe(false)
  const next = reduce(after, { type: 'ticked' }, 5_000 + GONE_MS)
  expect(next.shown?.digest).toBe('f'.repeat(64))
  expect(canDecide(next, 5_000 + GONE_MS, 'deny')).toBe(false)
})

test('time left is rounded down, never up', () => {
  expect(timeLeft(2 * 86_400_000 - 1)).toBe('in 1 day')
  expect(timeLeft(59_999)).toBe('in 59 seconds')
  expect(timeLeft(0)).toBe('now')
})
