/** The dialog for everyone: by keyboard alone, in the accessibility tree, on narrow and magnified screens, in high contrast. */
import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { approval } from './fixtures/dialog/approval.ts'
import { violations } from './fixtures/dialog/axe.ts'
import { approve, armed, decisions, deny, details, dialogPages, focused, publish, screenshot } from './fixtures/dialog/harness.ts'

const { open } = dialogPages()

const LONG = { name: 'body', role: 'content', value: 'A long letter that must be read. '.repeat(90), origin: 'agent' } as const

/** Presses Tab until `name` has the focus; fails when it cannot be reached. */
const tabTo = async (page: Page, name: string): Promise<void> => {
  for (let step = 0; step < 15; step += 1) {
    if ((await focused(page)) === name) return
    await page.keyboard.press('Tab')
  }
  expect(await focused(page)).toBe(name)
}

test('a long request is read, listed and approved with the keyboard alone (REQ 4-1)', async () => {
  const page = await open()
  await publish(page, [approval(1, { lane: 'YELLOW', fields: [LONG] }), approval(2)])
  await armed(page, deny(page))
  expect(await focused(page)).toBe('Deny')
  await page.keyboard.press('Tab')
  expect(await focused(page)).not.toBe('Approve')
  await tabTo(page, 'Read on ↓')
  for (let step = 0; step < 25 && (await focused(page)) === 'Read on ↓'; step += 1) {
    await page.keyboard.press('Space')
    await page.waitForTimeout(60)
  }
  await armed(page)
  await tabTo(page, '☰')
  await page.keyboard.press('Enter')
  await page.getByRole('group', { name: 'All requests' }).waitFor()
  expect(await focused(page)).toBe('Back')
  await page.keyboard.press('Escape')
  await page.getByRole('group', { name: 'All requests' }).waitFor({ state: 'detached' })
  expect(await page.getByRole('dialog').isVisible()).toBe(true)
  await page.clock.runFor(2_000)
  await armed(page)
  await tabTo(page, 'Approve')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Transfer money 2' }).waitFor()
  expect(await decisions(page)).toMatchObject([{ id: 'a1', verdict: 'approve' }])
})

test('the accessibility tree says what will happen, who said it and why Approve is off, in that order', async () => {
  const page = await open({ viewport: { width: 1100, height: 400 } })
  await publish(page, [approval(1)])
  await armed(page, deny(page))
  const tree = await page.getByRole('dialog', { name: 'Transfer money 1' }).ariaSnapshot()
  const order = [
    'group "Details"',
    'heading "Transfer money 1" [level=2]',
    'assistant',
    'It cannot be undone.',
    'term: amount',
    '1250.00 EUR',
    'Chosen by the assistant',
    'term: IBAN',
    'Only untrusted text says this',
    'blockquote',
    'What leaves',
    'Digest words',
    `heading "The assistant's own explanation (not checked)" [level=3]`,
    'status: Read all of it to approve.',
    'button "Read on ↓"',
    'button "Deny"',
    'button "Approve" [disabled]',
  ]
  const places = order.map((part) => tree.indexOf(part))
  expect(places.map((place, at) => (place < 0 ? order[at] : null)).filter(Boolean)).toEqual([])
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  const described = await approve(page).evaluate((button) => {
    const root = button.getRootNode() as ShadowRoot
    return root.getElementById(button.getAttribute('aria-describedby') ?? '')?.textContent
  })
  expect(described).toBe('Read all of it to approve.')
})

const SCREENS: readonly [string, BrowserContextOptions][] = [
  ['320 pixels wide', { viewport: { width: 320, height: 568 } }],
  ['magnified to 200 %', { viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 }],
  ['magnified to 400 %', { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 }],
  ['high contrast', { forcedColors: 'active' }],
]

for (const [name, options] of SCREENS)
  test(`everything can be reached and nothing scrolls sideways: ${name}`, async () => {
    const page = await open({ ...options, reducedMotion: 'reduce' })
    await publish(page, [approval(1, { fields: [...approval(1).fields, LONG] }), approval(2)])
    await armed(page, deny(page))
    const screen = page.viewportSize() ?? { width: 0, height: 0 }
    for (const button of [deny(page), approve(page), page.getByRole('button', { name: 'Read on' })]) {
      const box = await button.boundingBox()
      expect(box?.x).toBeGreaterThanOrEqual(0)
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(screen.width)
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(screen.height)
    }
    expect((await details(page).boundingBox())?.height).toBeGreaterThan(90)
    expect(await details(page).evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
    await screenshot(page, name.replaceAll(/[^a-z0-9]+/g, '-'))
    const more = page.getByRole('button', { name: 'Read on' })
    for (let step = 0; step < 60 && (await more.isVisible()); step += 1) {
      await more.click()
      await page.waitForTimeout(40)
    }
    await armed(page)
    await page.getByRole('button', { name: 'List all requests' }).click()
    const list = page.getByRole('group', { name: 'All requests' })
    await list.waitFor()
    expect(await list.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true)
    await screenshot(page, `${name.replaceAll(/[^a-z0-9]+/g, '-')}-list`)
    if (name !== '320 pixels wide' && name !== 'high contrast') return
    await page.clock.resume()
    expect(await violations(page)).toEqual([])
  })
