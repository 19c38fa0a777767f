import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { ask, compare, drained, intent, receiptsOf } from '../support/hunt-intents.ts'
import { handOverTo } from '../support/hunt-page.ts'
import { snapshotOf } from '../support/in-page.ts'
import { visitHunted } from '../support/hunt-visit.ts'

const CLEAN = { lost: [], repeated: [] }

test('an update takes over from a full queue only between requests, never under a live lease, and nothing is lost or repeated (trap 22)', async () => {
  const { farEnd, page } = await visitHunted()
  farEnd.spoil(({ path }) => (path.startsWith('/api/') ? { name: 'slow', reaches: true, beforeMs: 400, afterMs: 600, answer: 'true' } : undefined))
  const intents = Array.from({ length: 24 }, (_, i) => intent(i + 1, i % 3 === 0 ? 'hunt.series' : 'hunt.keyed', { series: `s${i % 2}` }))
  await ask(page, intents)
  await eventually('requests under way', () => farEnd.arrivals.some(({ path, endedAt }) => path.startsWith('/api/') && endedAt === undefined))
  const { takenAt, hasWaitedForDrain } = await handOverTo(page, farEnd, 'worker-newer')
  expect(hasWaitedForDrain).toBe(true)
  const cutThrough = farEnd.arrivals.filter(
    ({ path, at, endedAt }) => path.startsWith('/api/') && at < takenAt - 20 && (endedAt === undefined || endedAt > takenAt + 20),
  )
  expect(cutThrough).toEqual([])
  expect(compare(farEnd, intents, await drained(page, intents, 40_000))).toEqual(CLEAN)
  const added = [intent(101, 'hunt.added')]
  await ask(page, added)
  expect(compare(farEnd, added, await drained(page, added, 10_000))).toEqual(CLEAN)
}, 90_000)

test('an update and work of the old worker that wait for each other both come to an end', async () => {
  const { farEnd, page } = await visitHunted()
  // Whoever is first: the new worker's turn comes before a drain of the old one that an event of its own waits for.
  await page.evaluate(() => {
    const held = new Promise<void>((resolve) => Object.assign(window, { letGo: resolve }))
    return new Promise<void>((begun) => void navigator.locks.request('maestro-pump', () => (begun(), held)))
  })
  const handedOver = handOverTo(page, farEnd, 'worker-newer')
  const queued = (count: number) =>
    eventually('they queue', () =>
      page.evaluate(async (n) => (await navigator.locks.query()).pending?.filter(({ name }) => name === 'maestro-pump').length === n, count),
    )
  await queued(1)
  const intents = [intent(1, 'hunt.keyed'), intent(2, 'hunt.keyed')]
  await ask(page, intents)
  await queued(2)
  await page.evaluate(() => (window as unknown as { letGo(): void }).letGo())
  expect(compare(farEnd, intents, await drained(page, intents, 40_000))).toEqual(CLEAN)
  await handedOver
}, 90_000)

test('an older build leaves the rows of a newer one alone, sends what it knows, and going forward again sends the rest once (trap 23)', async () => {
  const { farEnd, browser, page: first } = await visitHunted({ build: 'worker-newer' })
  await browser.offline(true)
  const known = Array.from({ length: 4 }, (_, i) => intent(i + 1, 'hunt.keyed'))
  const newer = Array.from({ length: 6 }, (_, i) => intent(i + 11, i % 2 === 0 ? 'hunt.added' : 'hunt.changing'))
  expect((await ask(first, [...known, ...newer])).accepted).toHaveLength(known.length + newer.length)
  await handOverTo(first, farEnd, 'worker-older')
  await browser.crash()
  await browser.reopen()

  const page = await browser.visit(farEnd.origin, { path: '/?user=demo' })
  expect(compare(farEnd, known, await drained(page, known, 20_000))).toEqual(CLEAN)
  await browser.stopWorkers()
  await sleep(1_000)
  const left = await receiptsOf(page, newer)
  expect(left.map((receipt) => receipt?.params)).toEqual(newer.map(({ params }) => params))
  for (const receipt of left) expect(receipt).toMatchObject({ status: expect.stringMatching(/^(queued|held)$/), attempts: 0 })
  expect(farEnd.arrivals.filter(({ path, items }) => path.startsWith('/api/') && items.some((n) => n > 10))).toEqual([])

  await handOverTo(page, farEnd, 'worker-newer')
  await page.reload()
  await page.waitForFunction(() => 'maestro' in window)
  expect(compare(farEnd, newer, await drained(page, newer, 20_000))).toEqual(CLEAN)
}, 120_000)

/** Marks every open row as written by a later build, or takes the mark off; gives how many. The sealed record stays what it is. */
const setShapes = (page: Page, change: 1 | -1): Promise<number> =>
  page.evaluate(async (by) => {
    const opened = indexedDB.open('maestro_ledger')
    await new Promise((resolve) => (opened.onsuccess = resolve))
    const rows = opened.result.transaction('receipts', 'readwrite').objectStore('receipts')
    const all = rows.getAll()
    await new Promise((resolve) => (all.onsuccess = resolve))
    const open = (all.result as { shape: number; open?: number }[]).filter((row) => row.open === 1)
    for (const row of open) rows.put({ ...row, shape: row.shape + by })
    await new Promise((resolve) => (rows.transaction.oncomplete = resolve))
    opened.result.close()
    return open.length
  }, change)

test('rows in a shape of a later build are parked: counted, not read, not written and not sent; in a known shape they go out once (trap 38)', async () => {
  const { farEnd, browser, page: first } = await visitHunted()
  await browser.offline(true)
  const intents = Array.from({ length: 5 }, (_, i) => intent(i + 1, 'hunt.keyed'))
  await ask(first, intents)
  expect(await setShapes(first, 1)).toBe(intents.length)
  // Not `quit`: a worker that is online for its last moment writes the rows anew.
  await browser.crash()
  await browser.reopen()

  const page = await browser.visit(farEnd.origin, { path: '/?user=demo' })
  await eventually('they are counted', async () => (await snapshotOf(page))?.parked === intents.length)
  const neighbour = [intent(11, 'hunt.keyed')]
  await ask(page, neighbour)
  expect(compare(farEnd, neighbour, await drained(page, neighbour, 10_000))).toEqual(CLEAN)
  expect(farEnd.backEnd.effects.map(({ n }) => n)).toEqual([11])

  expect(await setShapes(page, -1)).toBe(intents.length)
  await browser.quit()
  await browser.reopen()
  const back = await browser.visit(farEnd.origin, { path: '/?user=demo' })
  expect(compare(farEnd, intents, await drained(back, intents, 20_000))).toEqual(CLEAN)
}, 120_000)
