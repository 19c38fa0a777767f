/** What stands between a request and a yes: seen to the end, not covered, not too fast, not in a flood, and proven where asked. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ASKS_MAX, ARMING_MS, READ_AGAIN, SLOW_ARMING_MS, initialState, reduce } from '../../src/dialog/controller.ts'
import type { FieldView } from '../../src/protocol/views.ts'
import { approval } from './fixtures/dialog/approval.ts'
import { approve, armed, decisions, deny, details, dialogPages, publish } from './fixtures/dialog/harness.ts'

const { open } = dialogPages()

const LONG = 'One sentence of a long letter that nobody has read yet. '.repeat(120)
const content = (value: string): FieldView => ({ name: 'body', role: 'content', value, origin: 'agent' })
const status = (page: Page): Promise<string> => page.locator('maestro-approvals .foot [role=status]').innerText()
const alerts = (page: Page, text: string): Promise<void> => page.getByRole('alert').filter({ hasText: text }).waitFor()

/** Presses *Read on* until it is gone. */
const readAll = async (page: Page): Promise<void> => {
  const more = page.getByRole('button', { name: 'Read on' })
  for (let step = 0; step < 25 && (await more.isVisible()); step += 1) {
    await more.click()
    await page.waitForTimeout(60)
  }
  expect(await more.isVisible()).toBe(false)
}

const now = (page: Page): Promise<number> => page.evaluate(() => Date.now())

test('a value that does not fit must be seen to its end before Approve can be pressed; Deny need not wait', async () => {
  const page = await open()
  await publish(page, [approval(1, { lane: 'YELLOW', fields: [content(LONG)] })])
  await armed(page, deny(page))
  await page.clock.runFor(60_000)
  expect(await approve(page).isDisabled()).toBe(true)
  expect(await status(page)).toContain('Read all of it to approve.')
  await readAll(page)
  await armed(page)
  await approve(page).click()
  expect(await decisions(page)).toHaveLength(1)
})

test('every element of a list must be seen, and each says who said it', async () => {
  const page = await open({ viewport: { width: 700, height: 600 } })
  const items = Array.from({ length: 12 }, (_, at) => ({
    value: `guest${at}@example.com`,
    origin: at === 11 ? ('untrusted' as const) : ('user' as const),
  }))
  await publish(page, [approval(1, { lane: 'YELLOW', fields: [{ name: 'attendees', role: 'target', value: 'all', origin: 'agent', items }] })])
  await armed(page, deny(page))
  expect(await approve(page).isDisabled()).toBe(true)
  expect(await details(page).innerText()).toContain('ttendees (12)')
  expect(await page.locator('maestro-approvals .origin').last().innerText()).toBe('Only untrusted text says this')
  // Whoever jumps to the end is led back to what was jumped over.
  await details(page).evaluate((element) => element.scrollTo(0, element.scrollHeight))
  await page.waitForTimeout(60)
  expect(await approve(page).isDisabled()).toBe(true)
  await readAll(page)
  await armed(page)
})

test('what was seen once stays seen when a person comes back to it', async () => {
  const page = await open()
  await publish(page, [approval(1, { lane: 'YELLOW', fields: [content(LONG)] }), approval(2)])
  await armed(page, deny(page))
  await details(page).evaluate((element) => element.scrollTo(0, element.scrollHeight))
  await armed(page)
  await page.getByRole('button', { name: 'Next request' }).click()
  expect(await approve(page).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Previous request' }).click()
  await armed(page)
})

for (const [kind, style] of [
  ['that takes clicks', ''],
  ['that lets clicks through', 'pointer-events:none'],
] as const)
  test(`under something ${kind} nothing can be decided, and it is said`, async () => {
    const page = await open()
    await publish(page, [approval(1)])
    await armed(page)
    await page.evaluate((extra) => {
      const cover = document.createElement('div')
      cover.id = 'cover'
      cover.popover = 'manual'
      cover.style.cssText = `position:fixed;inset:auto;left:40%;top:30%;width:200px;height:120px;background:#fff;${extra}`
      document.body.append(cover)
      cover.showPopover()
    }, style)
    // What takes clicks is found by a hit test in the click itself; what does not is told by the browser a little later.
    if (style !== '') await alerts(page, 'Something covers this dialog.')
    for (const button of [approve(page), deny(page)]) await button.click({ force: true }).catch(() => undefined)
    expect(await decisions(page)).toEqual([])
    await page.clock.runFor(2_000)
    await alerts(page, 'Something covers this dialog.')
    expect(await deny(page).isDisabled()).toBe(true)
    await page.evaluate(() => document.querySelector('#cover')?.remove())
    await expect
      .poll(async () => {
        await page.clock.runFor(1_000)
        return approve(page).isEnabled()
      })
      .toBe(true)
    await approve(page).click()
    expect(await decisions(page)).toHaveLength(1)
  })

test('while the page is hidden nothing can be decided, and afterwards the dialog is armed anew', async () => {
  const page = await open()
  await publish(page, [approval(1)])
  await armed(page)
  const hide = (hidden: boolean): Promise<void> =>
    page.evaluate((is) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => is })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  await hide(true)
  await page.clock.runFor(5_000)
  expect(await approve(page).isDisabled()).toBe(true)
  await hide(false)
  expect(await approve(page).isDisabled()).toBe(true)
  await armed(page)
})

test('a RED request with more text than anyone reads in that time is asked once more, and no third time', async () => {
  const page = await open({ viewport: { width: 1100, height: 1400 } })
  await publish(page, [approval(1, { fields: [content('A sentence that takes time. '.repeat(10))] })])
  await armed(page)
  await approve(page).click()
  await alerts(page, READ_AGAIN)
  expect(await decisions(page)).toEqual([])
  expect(await approve(page).isDisabled()).toBe(true)
  await armed(page)
  await approve(page).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await decisions(page)).toHaveLength(1)
})

test('the same text is not asked again when it was given its time', async () => {
  const page = await open({ viewport: { width: 1100, height: 1400 } })
  await publish(page, [approval(1, { fields: [content('A sentence that takes time. '.repeat(10))] })])
  await armed(page, approve(page), 3_000)
  await approve(page).click()
  expect(await decisions(page)).toHaveLength(1)
})

test('pressing where Approve is before it is armed starts the arming over', async () => {
  const page = await open()
  await publish(page, [approval(1)])
  await details(page).waitFor()
  await page.clock.runFor(ARMING_MS - 100)
  await approve(page).click({ force: true })
  await alerts(page, READ_AGAIN)
  await page.clock.runFor(ARMING_MS - 100)
  expect(await approve(page).isDisabled()).toBe(true)
  await armed(page, approve(page), 100)
  expect(await decisions(page)).toEqual([])
})

test('many requests in a short time are said, and slow the dialog down', async () => {
  const page = await open()
  const at = await now(page)
  await publish(
    page,
    Array.from({ length: ASKS_MAX + 1 }, (_, n) => approval(n + 1, { requestedAt: at + n })),
  )
  await details(page).waitFor()
  expect(await status(page)).toContain(`${ASKS_MAX + 1} requests in two minutes: take your time.`)
  await page.clock.runFor(SLOW_ARMING_MS - 100)
  expect(await approve(page).isDisabled()).toBe(true)
  await armed(page, approve(page), 100)
})

test('as many requests as a person can weigh are no flood', async () => {
  const page = await open()
  const at = await now(page)
  await publish(
    page,
    Array.from({ length: ASKS_MAX }, (_, n) => approval(n + 1, { requestedAt: at + n })),
  )
  await armed(page)
  expect(await status(page)).toBe('')
})

test('expiry is warned of before it comes', async () => {
  const page = await open()
  await publish(page, [approval(1, { expiresAt: (await now(page)) + 130_000 })])
  await armed(page)
  expect(await status(page)).toBe('')
  await page.clock.runFor(20_000)
  await expect.poll(() => status(page)).toBe('Expires in less than two minutes.')
  await expect.poll(() => details(page).innerText()).toContain('in 1 minute')
})

test('an approval that needs a passkey is approved with the evidence of it', async () => {
  const page = await open()
  await page.evaluate(() => window.driver.prove({ signature: 'abc' }))
  await publish(page, [approval(1, { verify: { passkeys: [] } })])
  await armed(page)
  await approve(page).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await decisions(page)).toEqual([{ id: 'a1', digest: '1'.repeat(64), verdict: 'approve', evidence: { signature: 'abc' } }])
})

test('a passkey that fails, or a page that cannot ask for one, approves nothing and says so; denying needs none', async () => {
  const page = await open()
  await publish(page, [approval(1, { verify: { passkeys: [] } })])
  await armed(page)
  await approve(page).click()
  await alerts(page, 'Nothing was approved: this needs a passkey, and this page cannot ask for one.')
  await page.evaluate(() => window.driver.prove(null))
  await approve(page).click()
  await alerts(page, 'Nothing was approved: you did not confirm with your passkey.')
  expect(await decisions(page)).toEqual([])
  await deny(page).click()
  expect(await decisions(page)).toEqual([{ id: 'a1', digest: '1'.repeat(64), verdict: 'deny' }])
})

test('the digest words are repeated when the decision was taken', async () => {
  const page = await open()
  await publish(page, [approval(1)])
  await armed(page)
  await approve(page).click()
  await page.getByRole('status').filter({ hasText: 'Approved: amber · falcon · river · stone' }).waitFor()
  await page.clock.runFor(10_000)
  await page.getByText('Approved: amber').waitFor({ state: 'hidden' })
})

test('one approval is brought to the front by its id, also from behind the pill', async () => {
  const page = await open()
  await publish(page, [approval(1), approval(2), approval(3)])
  await details(page).waitFor()
  await page.keyboard.press('Escape')
  await page.evaluate(() => window.driver.openOne('a3'))
  await page.getByRole('heading', { name: 'Transfer money 3' }).waitFor()
  expect(await page.getByText('3 of 3').isVisible()).toBe(true)
  await page.evaluate(() => window.driver.openOne('gone'))
  expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe('Transfer money 3')
})

test('Change… is offered only where the page can edit, and hands the approval over undecided', async () => {
  const page = await open()
  await publish(page, [approval(1)])
  await details(page).waitFor()
  const change = page.getByRole('button', { name: 'Change…' })
  expect(await change.isVisible()).toBe(false)
  await page.evaluate(() => window.driver.editable())
  await publish(page, [approval(1, { digest: 'e'.repeat(64) })])
  await page.clock.runFor(3_000)
  await change.click()
  expect(await page.evaluate(() => window.driver.changes)).toEqual(['a1'])
  expect(await decisions(page)).toEqual([])
  expect(await page.getByRole('dialog').isVisible()).toBe(false)
})

test('requests of one kind are approved together only after all were in view, each by its own digest', async () => {
  const page = await open()
  await publish(page, [
    approval(1),
    approval(2),
    approval(3, { action: 'email.send', title: 'Send an email' }),
    approval(4, { verify: { passkeys: [] } }),
  ])
  await details(page).waitFor()
  await page.getByRole('button', { name: 'List all requests' }).click()
  const list = page.getByRole('group', { name: 'All requests' })
  const together = page.getByRole('button', { name: 'Approve these 2' })
  await together.waitFor()
  await page.clock.runFor(3_000)
  expect(await together.isDisabled()).toBe(true)
  expect(await page.getByRole('button', { name: /^Approve these/ }).count()).toBe(1)
  for (const end of await page.locator('maestro-approvals article .end').all()) await end.scrollIntoViewIfNeeded()
  await together.and(page.locator(':enabled')).waitFor()
  await together.evaluate((button: HTMLElement) => button.click())
  expect(await decisions(page)).toEqual([])
  await together.click()
  await list.getByText('Approved: amber · falcon · river · stone').nth(1).waitFor()
  expect(await decisions(page)).toEqual([
    { id: 'a1', digest: '1'.repeat(64), verdict: 'approve' },
    { id: 'a2', digest: '2'.repeat(64), verdict: 'approve' },
  ])
  await page.getByRole('button', { name: 'Open: Send an email' }).click()
  expect(await page.getByRole('heading', { level: 2, name: 'Send an email' }).isVisible()).toBe(true)
})

test('a yes that one of several did not get is said beside it', async () => {
  const page = await open({ viewport: { width: 1100, height: 1800 } })
  await page.evaluate(() => window.driver.failWith('This approval no longer waits.'))
  await publish(page, [approval(1), approval(2)])
  await details(page).waitFor()
  await page.getByRole('button', { name: 'List all requests' }).click()
  const together = page.getByRole('button', { name: 'Approve these 2' })
  await together.waitFor()
  for (const end of await page.locator('maestro-approvals article .end').all()) await end.scrollIntoViewIfNeeded()
  await page.clock.runFor(2_000)
  await together.click()
  await page.getByText('This approval no longer waits.').nth(1).waitFor()
})

test('without the file that draws a request, nothing is shown and nothing can be decided', async () => {
  const page = await open({}, '/', 'draw-approval')
  await publish(page, [approval(1)])
  await alerts(page, 'What is asked could not be loaded. Reload the page to decide.')
  await page.clock.runFor(5_000)
  for (const button of [approve(page), deny(page)]) expect(await button.isDisabled()).toBe(true)
})

test('without the scrutiny of texts, what is not plain is shown by its number', async () => {
  const page = await open({}, '/', 'visible-text')
  await publish(page, [approval(1, { fields: [content('p\u0430y M\u00FCller\u202E')] })])
  await armed(page)
  expect(await page.locator('maestro-approvals .value').innerText()).toBe('p[U+430]y M\u00FCller[U+202e]')
})

test('what is seen counts for the approval that was shown, not for the one that took its place', () => {
  const listed = { type: 'listed', approvals: [approval(1), approval(2)], fates: new Map() } as const
  const first = reduce(initialState(true), listed, 0)
  const second = reduce(first, { type: 'stepped', by: 1 }, 1_000)
  const late = reduce(second, { type: 'viewed', identity: `a1 ${'1'.repeat(64)}`, unseen: 0 }, 1_001)
  expect(late.seen.size).toBe(0)
  expect(reduce(first, { type: 'viewed', identity: `a1 ${'1'.repeat(64)}`, unseen: 0 }, 500).seen.size).toBe(1)
})
