import { expect, test } from 'vitest'
import { fileBrowser } from '../support/file-browser.ts'
import { answerLost, hang, html, htmlAfterEffect, PASS, requestLost, RETOLD, status, statusAfterEffect } from '../support/hunt-faults.ts'
import type { BatchAnswer, HuntFault } from '../support/hunt-faults.ts'
import { ask, compare, drained, intent, receiptsOf } from '../support/hunt-intents.ts'
import type { Intent } from '../support/hunt-intents.ts'
import { visitHunted } from '../support/hunt-visit.ts'

const one = fileBrowser()
const CLEAN = { lost: [], repeated: [] }
const EACH = 20
const bulk = (from: number, count = EACH): readonly Intent[] => Array.from({ length: count }, (_, i) => intent(from + i, 'hunt.bulk'))

test('what waits goes out in few requests of many items, each item judged by its own answer (law 5)', async () => {
  const { farEnd, browser, page } = await visitHunted({ browser: one() })
  await browser.offline(true)
  const intents = bulk(1, 600)
  expect((await ask(page, intents)).accepted).toHaveLength(600)
  await browser.offline(false)
  expect(compare(farEnd, intents, await drained(page, intents, 30_000))).toEqual(CLEAN)
  const batches = farEnd.arrivals.filter(({ path }) => path === '/api/bulk/batch')
  expect(batches.length).toBeGreaterThan(0)
  expect(Math.max(...batches.map(({ items }) => items.length))).toBeLessThanOrEqual(500)
  expect(farEnd.arrivals.filter(({ path }) => path.startsWith('/api/bulk')).length).toBeLessThan(60)
}, 90_000)

const WHOLE: readonly HuntFault[] = [
  requestLost,
  answerLost,
  html,
  htmlAfterEffect,
  hang(1_000, true),
  { name: 'status-204', reaches: true, answer: { status: 204 } },
  status(401),
  status(408),
  status(409),
  status(429, { 'retry-after': '1' }),
  status(500),
  statusAfterEffect(502),
  status(503),
]

test('a batch answer that is lost, spoilt, reordered, doubled, contradicted, cut short or about other keys loses and repeats nothing (laws 8 and 11)', async () => {
  const { farEnd, browser, page } = await visitHunted({ browser: one() })
  const found: Record<string, unknown> = {}
  // Every status on its own is another file's; the hunt sends them all through a batch too.
  const faults = [...RETOLD, ...WHOLE.filter((_, i) => process.env['HUNT_KILLS'] !== undefined || i % 3 === 0)]
  for (const [i, fault] of faults.entries()) {
    await browser.offline(true)
    const intents = bulk(1 + i * EACH)
    await ask(page, intents)
    let isSpoilt = false
    farEnd.spoil(({ path, items }) => {
      if (isSpoilt || !path.endsWith('/batch') || items.length < 2) return undefined
      isSpoilt = true
      return fault
    })
    await browser.offline(false)
    const { lost, repeated } = compare(farEnd, intents, await drained(page, intents, 20_000))
    found[fault.name] = { lost, repeated, isSpoilt }
  }
  expect(found).toEqual(Object.fromEntries(faults.map(({ name }) => [name, { ...CLEAN, isSpoilt: true }])))
}, 180_000)

test('each item of a batch is judged as a single answer of its status would be, and holds up no neighbour', async () => {
  const { farEnd, browser, page } = await visitHunted({ browser: one() })
  const answers = new Map<number, BatchAnswer>([
    [2, { status: 400, body: { code: 'NO' } }],
    [4, { status: 404, body: {} }],
    [6, { status: 422, body: { code: 'KEY_REUSED' } }],
    [8, { status: 409, body: { code: 'IN_PROGRESS' }, retry_after_s: 1 }],
    [10, { status: 500, body: {} }],
    [12, { status: 429, body: {}, retry_after_s: 2 }],
    [14, { status: 200, body: 'no object' }],
    [16, { status: 503, body: {}, retry_after_s: 99_999_999_999 }],
  ])
  const left = new Map(answers)
  farEnd.spoil(({ path }) =>
    path.endsWith('/batch')
      ? {
          ...PASS,
          name: 'item-answers',
          refuse: (n) => {
            const answer = left.get(n)
            left.delete(n)
            return answer
          },
        }
      : undefined,
  )
  await browser.offline(true)
  const intents = bulk(1)
  await ask(page, intents)
  await browser.offline(false)
  await drained(
    page,
    intents.filter(({ n }) => n !== 16),
    30_000,
  )
  const receipts = await receiptsOf(page, intents)
  const endless = receipts[15]
  expect(receipts.map((receipt) => receipt?.status)).toEqual(
    intents.map(({ n }) => (n === 16 ? 'queued' : n === 6 ? 'refused' : n === 2 || n === 4 ? 'dead' : 'done')),
  )
  expect(endless).toMatchObject({ waitingFor: 'retry', dueAt: expect.any(Number) })
  expect(endless?.dueAt).toBeLessThan(Date.now() + 27 * 3_600_000)
  expect(farEnd.backEnd.effects.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(
    intents.map(({ n }) => n).filter((n) => ![2, 4, 6, 16].includes(n)),
  )
}, 60_000)
