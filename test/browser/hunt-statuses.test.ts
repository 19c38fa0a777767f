import { expect, test } from 'vitest'
import { fileBrowser } from '../support/file-browser.ts'
import { answerLost, answerWith, hang, html, htmlAfterEffect, requestLost, status, statusAfterEffect } from '../support/hunt-faults.ts'
import type { HuntFault } from '../support/hunt-faults.ts'
import { ask, compare, drained, intent, receiptsOf } from '../support/hunt-intents.ts'
import { visitHunted } from '../support/hunt-visit.ts'

const one = fileBrowser()
type Expected = {
  readonly fault: HuntFault
  /** Status and failure code at the end. */
  readonly ends: readonly [status: string, code?: string]
  readonly requests: number
  readonly effects: number
}

const RETRIED = { ends: ['done'], requests: 2, effects: 1 } as const
const REFUSED = { ends: ['dead', 'EFFECT_REJECTED'], requests: 1, effects: 0 } as const
const redirect = (code: number): HuntFault => ({ ...status(code), answer: { status: code, headers: { location: '/' } } })

/** One fault, then a far end that works: what each answer means for an effect whose back end keeps keys. */
const KEYED: readonly Expected[] = [
  { fault: { name: 'status-200', reaches: true, answer: 'true' }, ends: ['done'], requests: 1, effects: 1 },
  { fault: { name: 'status-204', reaches: false, answer: { status: 204 } }, ...RETRIED },
  { fault: redirect(301), ...RETRIED },
  { fault: redirect(302), ...RETRIED },
  { fault: status(400), ...REFUSED },
  { fault: status(401), ...RETRIED },
  { fault: status(403), ...REFUSED },
  { fault: status(404), ...REFUSED },
  { fault: status(408), ...RETRIED },
  { fault: status(409), ...RETRIED },
  { fault: status(413), ...REFUSED },
  { fault: status(422), ends: ['refused', 'KEY_REUSED'], requests: 1, effects: 0 },
  { fault: status(425), ...RETRIED },
  { fault: status(429, { 'retry-after': '1' }), ...RETRIED },
  { fault: status(500), ...RETRIED },
  { fault: status(502), ...RETRIED },
  { fault: status(503), ...RETRIED },
  { fault: statusAfterEffect(500), ...RETRIED },
  { fault: statusAfterEffect(504), ...RETRIED },
  { fault: html, ...RETRIED },
  { fault: htmlAfterEffect, ...RETRIED },
  { fault: requestLost, ...RETRIED },
  { fault: answerLost, ...RETRIED },
  { fault: hang(1_000, true), ...RETRIED },
  { fault: answerWith('empty-object', false, {}), ...RETRIED },
  { fault: answerWith('list', false, []), ...RETRIED },
]

test('every status means what it says, by status and typed body only: nothing lost, nothing repeated (laws 5 and 11)', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  const intents = KEYED.map((_, i) => intent(i + 1, 'hunt.keyed'))
  const left = new Map(KEYED.map(({ fault }, i) => [i + 1, fault]))
  farEnd.spoil(({ items: [n] }) => {
    const fault = left.get(n ?? 0)
    left.delete(n ?? 0)
    return fault
  })
  await ask(page, intents)
  const receipts = await drained(page, intents, 60_000)
  const found = KEYED.map(({ fault }, i) => ({
    fault: fault.name,
    ends: [receipts[i]?.status, receipts[i]?.failure?.code].slice(0, receipts[i]?.status === 'done' ? 1 : 2),
    requests: farEnd.arrivals.filter(({ path, items }) => path === '/api/keyed' && items[0] === i + 1).length,
    effects: farEnd.backEnd.effects.filter(({ n }) => n === i + 1).length,
  }))
  expect(found).toEqual(KEYED.map(({ fault, ends, requests, effects }) => ({ fault: fault.name, ends: [...ends], requests, effects })))
}, 90_000)

const canned = (name: string, type: string, body: string): HuntFault => ({ name, reaches: false, answer: { status: 200, type, body } })

test('where an answer may have any shape, success is still only JSON that says it is JSON (trap 34)', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  const faults = [
    html,
    htmlAfterEffect,
    canned('html-as-json', 'application/json', '<!doctype html>'),
    canned('json-as-text', 'text/plain', '{"id":"e1"}'),
    canned('half', 'application/json', '{"id":"e'),
    canned('nothing', 'application/json', ''),
    requestLost,
    answerLost,
  ]
  const intents = faults.map((_, i) => intent(i + 1, 'hunt.bare'))
  const left = new Map(faults.map((fault, i) => [i + 1, fault]))
  farEnd.spoil(({ items: [n] }) => {
    const fault = left.get(n ?? 0)
    left.delete(n ?? 0)
    return fault
  })
  await ask(page, intents)
  expect(compare(farEnd, intents, await drained(page, intents, 30_000))).toEqual({ lost: [], repeated: [] })
  expect(faults.map((_, i) => farEnd.arrivals.filter(({ path, items }) => path === '/api/bare' && items[0] === i + 1).length)).toEqual(
    faults.map(() => 2),
  )
}, 60_000)

const NOT_PROCESSED = [status(401), status(409), status(425), status(429)]
const PERHAPS = [statusAfterEffect(500), statusAfterEffect(502), statusAfterEffect(504), htmlAfterEffect, answerLost, hang(1_000, true)]

test('an effect whose back end keeps no keys is sent again only when the answer says that nothing was done (law 5)', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  const faults = [...NOT_PROCESSED, ...PERHAPS]
  const intents = faults.map((_, i) => intent(i + 1, 'hunt.once'))
  const left = new Map(faults.map((fault, i) => [i + 1, fault]))
  farEnd.spoil(({ items: [n] }) => {
    const fault = left.get(n ?? 0)
    left.delete(n ?? 0)
    return fault
  })
  await ask(page, intents)
  const receipts = await drained(page, intents, 40_000)
  expect(faults.map((fault, i) => [fault.name, receipts[i]?.status, farEnd.backEnd.effects.filter(({ n }) => n === i + 1).length])).toEqual([
    ...NOT_PROCESSED.map(({ name }) => [name, 'done', 1]),
    ...PERHAPS.map(({ name }) => [name, 'unknown', 1]),
  ])
}, 60_000)

test('an answer that belongs to another item is no receipt: the item is sent again under its own key (law 11)', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  let isSpoiled = false
  farEnd.spoil(({ items: [n] }) => {
    if (n !== 2 || isSpoiled) return undefined
    isSpoiled = true
    const body = JSON.stringify({ id: 'e1', n: 1, idempotent: false })
    return { name: 'other-body', reaches: false, answer: { status: 200, type: 'application/json', body, headers: { 'idempotency-key': 'hunt-1' } } }
  })
  const intents = [intent(1, 'hunt.keyed'), intent(2, 'hunt.keyed')]
  await ask(page, intents)
  const receipts = await drained(page, intents, 20_000)
  expect(receipts.map((receipt) => receipt?.status)).toEqual(['done', 'done'])
  expect(farEnd.backEnd.effects.map(({ n }) => n).toSorted()).toEqual([1, 2])
})

test('an item that the far end refuses for ever, and one that it fails for ever, hold up no independent neighbour', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  farEnd.spoil(({ path, items: [n] }) => (!path.startsWith('/api/') ? undefined : n === 1 ? status(500) : n === 2 ? status(400) : undefined))
  const intents = Array.from({ length: 20 }, (_, i) => intent(i + 1, 'hunt.keyed'))
  await ask(page, intents)
  const neighbours = await drained(page, intents.slice(2), 30_000)
  const [failing, refused] = await receiptsOf(page, intents.slice(0, 2))
  expect(neighbours.map((receipt) => receipt?.status)).toEqual(neighbours.map(() => 'done'))
  expect(failing).toMatchObject({ status: 'queued', waitingFor: 'retry', dueAt: expect.any(Number), failure: { code: 'EFFECT_UNAVAILABLE' } })
  expect(refused).toMatchObject({ status: 'dead', failure: { code: 'EFFECT_REJECTED' } })
  expect(farEnd.backEnd.effects.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(intents.slice(2).map(({ n }) => n))
})
