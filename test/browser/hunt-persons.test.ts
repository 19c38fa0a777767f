import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { fileBrowser } from '../support/file-browser.ts'
import { ask, compare, drained, intent, receiptsOf } from '../support/hunt-intents.ts'
import { keysShown } from '../support/hunt-page.ts'
import { visitHunted } from '../support/hunt-visit.ts'
import type { MaestroWindow } from '../support/in-page.ts'

const one = fileBrowser()
const signOut = (page: Page) => page.evaluate(() => (window as unknown as MaestroWindow).maestro.signOut())
const signIn = (page: Page, user: string) =>
  page.evaluate((name) => (window as unknown as MaestroWindow).maestro.signIn({ email: `${name}@example.com`, password: name }), user)

test('a person signs out with work waiting, another signs in: the other neither sees nor sends it, and it goes out once when its owner is back (trap 10)', async () => {
  const { farEnd, browser, page } = await visitHunted({ browser: one() })
  await browser.offline(true)
  const demos = Array.from({ length: 6 }, (_, i) => intent(i + 1, i % 2 === 0 ? 'hunt.keyed' : 'hunt.series', { series: 's' }))
  expect((await ask(page, demos)).accepted).toHaveLength(demos.length)
  await signOut(page)
  await browser.offline(false)
  expect(await signIn(page, 'ben')).toBeNull()

  expect((await keysShown(page)).filter((key) => key.startsWith('hunt-'))).toEqual([])
  expect(await receiptsOf(page, demos)).toEqual(demos.map(() => null))
  // The same keys as the other's: another person's same key is another receipt.
  const bens = demos.map(({ key }, i) => ({ ...intent(101 + i, 'hunt.keyed'), key }))
  expect((await ask(page, bens)).accepted).toHaveLength(bens.length)
  expect(compare(farEnd, bens, await drained(page, bens, 20_000))).toEqual({ lost: [], repeated: [] })
  await browser.stopWorkers()
  await page.goto(farEnd.origin)
  await page.waitForFunction(() => 'maestro' in window)
  await sleep(1_500)
  expect(farEnd.backEnd.effects.filter(({ n }) => n <= 6)).toEqual([])
  expect(farEnd.arrivals.filter(({ path, items }) => path.startsWith('/api/') && items.some((n) => n <= 6))).toEqual([])

  await signOut(page)
  expect(await signIn(page, 'demo')).toBeNull()
  expect(compare(farEnd, demos, await drained(page, demos, 20_000))).toEqual({ lost: [], repeated: [] })
  expect(new Set(farEnd.backEnd.effects.filter(({ n }) => n <= 6).map(({ user }) => user))).toEqual(new Set(['demo']))
  expect(new Set(farEnd.backEnd.effects.filter(({ n }) => n > 100).map(({ user }) => user))).toEqual(new Set(['ben']))
  expect(farEnd.receipts.stateOf('demo', 'hunt-1')).toBe('done')
})

test('a person who signs out while requests are under way loses nothing and repeats nothing', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  farEnd.spoil(({ path }) => (path.startsWith('/api/') ? { name: 'slow', reaches: true, beforeMs: 300, afterMs: 700, answer: 'true' } : undefined))
  const demos = Array.from({ length: 12 }, (_, i) => intent(i + 1, 'hunt.keyed'))
  await ask(page, demos)
  while (!farEnd.arrivals.some(({ path }) => path === '/api/keyed')) await sleep(20)
  await signOut(page)
  expect(await signIn(page, 'ben')).toBeNull()
  await sleep(2_500)
  expect(farEnd.backEnd.effects.filter(({ user }) => user === 'ben')).toEqual([])
  await signOut(page)
  expect(await signIn(page, 'demo')).toBeNull()
  expect(compare(farEnd, demos, await drained(page, demos, 30_000))).toEqual({ lost: [], repeated: [] })
})
