import { expect, test } from 'vitest'
import { fileBrowser } from '../support/file-browser.ts'
import { status } from '../support/hunt-faults.ts'
import type { HuntFault } from '../support/hunt-faults.ts'
import { ask, compare, drained, intent, receiptsOf } from '../support/hunt-intents.ts'
import { visitHunted } from '../support/hunt-visit.ts'
import { execute } from '../support/in-page.ts'
import * as LIMITS from '../../src/protocol/limits.ts'

const one = fileBrowser()
const CLEAN = { lost: [], repeated: [] }
const DAY_MS = 86_400_000

/** The first request of each of these intents meets its fault; everything else passes. */
const onceEach = (faults: readonly HuntFault[]) => {
  const left = new Map(faults.map((fault, i) => [i + 1, fault]))
  return ({ path, items: [n] }: { readonly path: string; readonly items: readonly number[] }): HuntFault | undefined => {
    if (!path.startsWith('/api/')) return undefined
    const fault = left.get(n ?? 0)
    left.delete(n ?? 0)
    return fault
  }
}

test('a Retry-After that is no time, negative or long past is no wait, and an endless one is bounded to a day: nothing is lost (law 9)', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  const nonsense = ['', 'soon', '-5', '0', '1e9', 'NaN', 'Thu, 01 Jan 1970 00:00:00 GMT']
  const endless = ['999999999999', '99999999999999999999999', 'Thu, 31 Dec 2099 23:59:59 GMT']
  farEnd.spoil(onceEach([...nonsense, ...endless].map((text, i) => status(i % 2 === 0 ? 429 : 503, { 'retry-after': text }))))
  const intents = [...nonsense, ...endless].map((_, i) => intent(i + 1, 'hunt.keyed'))
  await ask(page, intents)
  const quick = intents.slice(0, nonsense.length)
  expect(compare(farEnd, quick, await drained(page, quick, 15_000))).toEqual(CLEAN)
  for (const receipt of await receiptsOf(page, intents.slice(nonsense.length))) {
    expect(receipt).toMatchObject({ status: 'queued', waitingFor: 'retry', failure: { code: 'EFFECT_UNAVAILABLE' } })
    expect(receipt?.dueAt).toBeGreaterThan(Date.now() + DAY_MS / 2)
    expect(receipt?.dueAt).toBeLessThanOrEqual(Date.now() + DAY_MS * 1.1)
  }
})

test('a Retry-After is a floor: the second request does not come before it (trap 32)', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  farEnd.spoil(onceEach([status(429, { 'retry-after': '3' }), status(503, { 'retry-after': '2' })]))
  const intents = [intent(1, 'hunt.keyed'), intent(2, 'hunt.keyed')]
  await ask(page, intents)
  expect(compare(farEnd, intents, await drained(page, intents, 20_000))).toEqual(CLEAN)
  const gaps = [1, 2].map((n) => {
    const [first, second] = farEnd.arrivals.filter(({ path, items }) => path === '/api/keyed' && items[0] === n)
    return (second?.at ?? 0) - (first?.endedAt ?? 0)
  })
  // Timers may fire a few ms early by the other process's clock.
  expect(gaps[0]).toBeGreaterThanOrEqual(2_950)
  expect(gaps[1]).toBeGreaterThanOrEqual(1_950)
})

for (const year of [1970, 2099])
  test(`a server whose clock stands in ${year} expires nothing, loses nothing and repeats nothing (trap 27)`, async () => {
    const { farEnd, browser, page } = await visitHunted({ browser: one() })
    farEnd.skew(Date.UTC(year, 0, 2) - Date.now())
    const intents = Array.from({ length: 8 }, (_, i) => intent(i + 1, i % 2 === 0 ? 'hunt.keyed' : 'hunt.series', { series: 's' }))
    farEnd.spoil(onceEach([status(503), status(429)]))
    await ask(page, intents)
    expect(compare(farEnd, intents, await drained(page, intents, 20_000))).toEqual(CLEAN)
    await browser.stopWorkers()
    const later = [intent(101, 'hunt.keyed')]
    await ask(page, later)
    expect(compare(farEnd, later, await drained(page, later, 10_000))).toEqual(CLEAN)
    farEnd.skew(0)
    const right = [intent(102, 'hunt.keyed')]
    await ask(page, right)
    expect(compare(farEnd, right, await drained(page, right, 10_000))).toEqual(CLEAN)
  })

const ODD_KEYS = [
  'a|b',
  'a:b',
  'a/b',
  'a%2Fb',
  'a b',
  ' a b',
  '../a',
  'a,b',
  'a"b',
  "a'b",
  'a\\b',
  'a\u2028b',
  'a\u200bb',
  '{"key":"a"}',
  '__proto__',
  'constructor',
  'demo hunt',
  'hunt\u00e9',
  'hunt\u0065\u0301',
  '𝓴'.repeat(127),
  'k'.repeat(LIMITS.keyCharsMax),
]

test('keys that hold separators, quotes, escapes and names of objects stay different keys, from the page to the far end', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  const intents = ODD_KEYS.map((key, i) => ({ ...intent(i + 1, 'hunt.keyed'), key }))
  expect((await ask(page, intents)).refused).toEqual({})
  expect(compare(farEnd, intents, await drained(page, intents, 20_000))).toEqual(CLEAN)
  expect(farEnd.backEnd.effects.toSorted((a, b) => a.n - b.n).map(({ key }) => key)).toEqual(ODD_KEYS)
  for (const key of ODD_KEYS) expect(farEnd.receipts.stateOf('demo', key), key).toBeDefined()
})

test('parameters, keys, sources and reasons are taken at their limit and refused one beyond it, with a code (law 9)', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  const bytesAround = JSON.stringify({ n: 1, text: '' }).length
  const text = (bytes: number) => 'x'.repeat(bytes - bytesAround)
  const source = (chars: number) => ({ id: 's', kind: 'user', text: 'x'.repeat(chars) })
  const { paramsBytesMax, sourcesMax, sourceCharsMax, keyCharsMax } = LIMITS
  const at = [
    await execute(page, 'hunt.keyed', { n: 1, text: text(paramsBytesMax) }, { key: 'hunt-1' }),
    await execute(
      page,
      'hunt.keyed',
      { n: 2 },
      { key: 'hunt-2', sources: Array.from({ length: sourcesMax }, (_, i) => ({ ...source(1), id: `s${i}` })) },
    ),
    await execute(page, 'hunt.keyed', { n: 3 }, { key: 'hunt-3', sources: [source(sourceCharsMax)] }),
    await execute(page, 'hunt.keyed', { n: 4 }, { key: 'hunt-4', reason: 'r'.repeat(2_000) }),
    await execute(page, 'hunt.keyed', { n: 5 }, { key: 'hunt-5'.padEnd(keyCharsMax, 'k') }),
  ]
  const over = [
    await execute(page, 'hunt.keyed', { n: 1, text: text(paramsBytesMax + 1) }),
    await execute(page, 'hunt.keyed', { n: 2 }, { sources: Array.from({ length: sourcesMax + 1 }, (_, i) => ({ ...source(1), id: `s${i}` })) }),
    await execute(page, 'hunt.keyed', { n: 3 }, { sources: [source(sourceCharsMax + 1)] }),
    await execute(page, 'hunt.keyed', { n: 4 }, { reason: 'r'.repeat(2_001) }),
    await execute(page, 'hunt.keyed', { n: 5 }, { key: 'hunt-5'.padEnd(keyCharsMax + 1, 'k') }),
  ]
  expect(at.map((answer) => answer.failure?.code)).toEqual(at.map(() => undefined))
  expect(over.map((answer) => answer.failure?.code)).toEqual([
    'PARAMS_TOO_LARGE',
    'SOURCES_INVALID',
    'SOURCES_INVALID',
    'COMMAND_INVALID',
    'KEY_INVALID',
  ])
  const intents = at.map(({ key }, i) => ({ ...intent(i + 1, 'hunt.keyed'), key }))
  expect(compare(farEnd, intents, await drained(page, intents, 20_000))).toEqual(CLEAN)
  expect(farEnd.backEnd.effects).toHaveLength(at.length)
})

test('an answer at the limit is read, and one beyond it is no receipt: the item is asked for again (law 9)', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  const body = (n: number, chars: number) => JSON.stringify({ id: 'e', n, idempotent: false, pad: 'x'.repeat(chars) })
  const around = body(1, 0).length
  const answer = (name: string, n: number, chars: number): HuntFault => ({
    name,
    reaches: true,
    answer: { status: 200, type: 'application/json', body: body(n, chars - around) },
  })
  farEnd.spoil(onceEach([answer('at-limit', 1, LIMITS.answerBytesMax), answer('over-limit', 2, LIMITS.answerBytesMax + 1)]))
  const intents = [intent(1, 'hunt.keyed'), intent(2, 'hunt.keyed')]
  await ask(page, intents)
  expect(compare(farEnd, intents, await drained(page, intents, 20_000))).toEqual(CLEAN)
  const requests = intents.map(({ n }) => farEnd.arrivals.filter(({ path, items }) => path === '/api/keyed' && items[0] === n).length)
  expect(requests).toEqual([1, 2])
})
