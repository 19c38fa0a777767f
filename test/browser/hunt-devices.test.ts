import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { ask, compare, drained, intent, receiptsOf } from '../support/hunt-intents.ts'
import { visitHunted } from '../support/hunt-visit.ts'
import type { MaestroWindow } from '../support/in-page.ts'

const CLEAN = { lost: [], repeated: [] }
const some = (from: number, count: number) => Array.from({ length: count }, (_, i) => intent(from + i, i % 2 === 0 ? 'hunt.keyed' : 'hunt.bulk'))

test('a profile that was copied with work waiting does it once in total, and one of the two takes a new name (trap 28)', async () => {
  const { farEnd, browser, page } = await visitHunted()
  const before = some(1, 2)
  await ask(page, before)
  await drained(page, before, 10_000)
  await eventually('the ledger has heard of this device', () => farEnd.receipts.devices.size > 0)
  await browser.offline(true)
  const waiting = some(11, 8)
  await ask(page, waiting)
  await browser.quit()

  const copy = await openBrowser(browser.profile)
  await browser.reopen()
  const visit = { path: '/?user=demo' }
  const pages = await Promise.all([browser.visit(farEnd.origin, visit), copy.visit(farEnd.origin, visit)])
  const fresh = pages.map((_, i) => some(101 + i * 10, 4))
  await Promise.all(pages.map((each, i) => ask(each, fresh[i] ?? [])))
  for (const [i, each] of pages.entries()) {
    const mine = [...waiting, ...(fresh[i] ?? [])]
    expect(compare(farEnd, mine, await drained(each, mine, 30_000))).toEqual(CLEAN)
  }
  await eventually('one of them goes on under a new name', () => farEnd.receipts.devices.size > 1, 30_000)
}, 120_000)

const pack = (page: Page) => page.evaluate(() => (window as unknown as MaestroWindow).maestro.export())
const unpack = (page: Page, capsule: string, code: string) =>
  page.evaluate(({ capsule, code }) => (window as unknown as MaestroWindow).maestro.import({ capsule, code }), { capsule, code })

test('unsent work that is exported, imported in another browser and taken back in the first has one effect in total', async () => {
  const { farEnd, browser, page } = await visitHunted()
  await browser.offline(true)
  const waiting = some(1, 8)
  await ask(page, waiting)
  const packed = await pack(page)
  expect(packed).toMatchObject({ count: waiting.length, capsule: expect.any(String), code: expect.any(String) })
  const { capsule, code } = packed as { readonly capsule: string; readonly code: string }
  await browser.offline(false)
  await sleep(1_500)
  expect(farEnd.backEnd.effects, 'what was exported is not sent from here').toEqual([])
  for (const receipt of await receiptsOf(page, waiting)) expect(receipt).toMatchObject({ waitingFor: 'export' })

  const other = await openBrowser()
  const elsewhere = await other.visit(farEnd.origin, { path: '/?user=demo' })
  expect(await unpack(elsewhere, capsule, `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`)).toMatchObject({ code: expect.any(String) })
  expect(await unpack(elsewhere, capsule, code)).toMatchObject({ imported: waiting.length, refused: 0 })
  expect(await unpack(elsewhere, capsule, code)).toMatchObject({ imported: 0, known: waiting.length })
  expect(compare(farEnd, waiting, await drained(elsewhere, waiting, 20_000))).toEqual(CLEAN)

  await page.evaluate(
    async (keys) => {
      for (const key of keys) await (window as unknown as MaestroWindow).maestro.retry(key)
    },
    waiting.map(({ key }) => key),
  )
  expect(compare(farEnd, waiting, await drained(page, waiting, 20_000))).toEqual(CLEAN)
}, 120_000)

test('another person can do nothing with a capsule', async () => {
  const { farEnd, browser, page } = await visitHunted()
  await browser.offline(true)
  const waiting = some(1, 3)
  await ask(page, waiting)
  const packed = (await pack(page)) as { readonly capsule: string; readonly code: string }
  const other = await openBrowser()
  const bens = await other.visit(farEnd.origin, { path: '/?user=ben' })
  const answer = await unpack(bens, packed.capsule, packed.code)
  expect(answer).toMatchObject('code' in answer ? { code: expect.any(String) } : { imported: 0 })
  await sleep(1_000)
  expect(farEnd.backEnd.effects).toEqual([])
})
