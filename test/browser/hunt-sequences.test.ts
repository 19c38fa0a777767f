import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { fileBrowser } from '../support/file-browser.ts'
import { status } from '../support/hunt-faults.ts'
import { ask, compare, drained, intent, receiptsOf } from '../support/hunt-intents.ts'
import type { Intent } from '../support/hunt-intents.ts'
import { visitHunted } from '../support/hunt-visit.ts'
import type { Hunted } from '../support/hunt-visit.ts'
import { eventually } from '../support/eventually.ts'
import { snapshotOf } from '../support/in-page.ts'
import type { MaestroWindow } from '../support/in-page.ts'

const one = fileBrowser()
const CLEAN = { lost: [], repeated: [] }
const series = (n: number, name: string): Intent => intent(n, 'hunt.series', { series: name })
const FIRST = series(1, 'first')
const DEPENDANTS = [series(2, 'first'), series(3, 'first'), series(4, 'first')]
const OTHERS = [series(11, 'second'), series(12, 'second'), intent(13, 'hunt.keyed')]

/** The first item of one sequence is refused for good while `isRefusing`; resolves when everything has come to rest. */
const withDeadHead = async (): Promise<Hunted & { readonly mend: () => void }> => {
  const hunted = await visitHunted({ browser: one() })
  let isRefusing = true
  hunted.farEnd.spoil(({ path, items: [n] }) => (isRefusing && path.startsWith('/api/') && n === 1 ? status(400) : undefined))
  await ask(hunted.page, [FIRST, ...DEPENDANTS, ...OTHERS])
  await drained(hunted.page, [FIRST, ...OTHERS], 15_000)
  return { ...hunted, mend: () => void (isRefusing = false) }
}

const orderOf = ({ farEnd }: Hunted): readonly number[] => farEnd.backEnd.effects.filter(({ n }) => n < 10 || n > 20).map(({ n }) => n)

const command = (page: Page, name: 'retry' | 'discard', key: string) =>
  page.evaluate(({ name, key }) => (window as unknown as MaestroWindow).maestro[name](key), { name, key })

test('what depends on a dead item waits and says for whom; other sequences and items go on (trap 26)', async () => {
  const hunted = await withDeadHead()
  expect(compare(hunted.farEnd, OTHERS, await receiptsOf(hunted.page, OTHERS))).toEqual(CLEAN)
  const [head, ...dependants] = await receiptsOf(hunted.page, [FIRST, ...DEPENDANTS])
  expect(head).toMatchObject({ status: 'dead', failure: { code: 'EFFECT_REJECTED' } })
  for (const receipt of dependants) expect(receipt).toMatchObject({ status: 'held', waitingFor: 'sequence', blockedBy: FIRST.key, attempts: 0 })
  expect(orderOf(hunted)).toEqual([])
  await eventually('somebody should look at it', async () => ((await snapshotOf(hunted.page))?.attention ?? 0) === 1)
})

test('a retry of the dead item lets it and its dependants out, in order, once', async () => {
  const hunted = await withDeadHead()
  hunted.mend()
  expect(await command(hunted.page, 'retry', FIRST.key)).toBeNull()
  const all = [FIRST, ...DEPENDANTS]
  await eventually('the retried item is done', async () => (await receiptsOf(hunted.page, [FIRST]))[0]?.status === 'done')
  expect(compare(hunted.farEnd, all, await drained(hunted.page, all, 15_000))).toEqual(CLEAN)
  expect(orderOf(hunted)).toEqual([1, 2, 3, 4])
})

test('a dead item that is given up lets its dependants out, in order, and is never sent again', async () => {
  const hunted = await withDeadHead()
  hunted.mend()
  expect(await command(hunted.page, 'discard', FIRST.key)).toBeNull()
  expect(compare(hunted.farEnd, DEPENDANTS, await drained(hunted.page, DEPENDANTS, 15_000))).toEqual(CLEAN)
  expect(orderOf(hunted)).toEqual([2, 3, 4])
})

test('a dead item that is edited becomes a new intent in the same place of its sequence', async () => {
  const hunted = await withDeadHead()
  const failure = await hunted.page.evaluate(async (key) => {
    const { maestro } = window as unknown as MaestroWindow
    const handle = await maestro.edit(key, { n: 21, series: 'first' }, { key: 'hunt-21' })
    return handle.failure ?? null
  }, FIRST.key)
  expect(failure).toBeNull()
  const all = [series(21, 'first'), ...DEPENDANTS]
  expect(compare(hunted.farEnd, all, await drained(hunted.page, all, 15_000))).toEqual(CLEAN)
  expect(orderOf(hunted)).toEqual([21, 2, 3, 4])
})

test('order inside a sequence is kept while its answers are late and its neighbours overtake it', async () => {
  const { farEnd, page } = await visitHunted({ browser: one() })
  farEnd.spoil(({ items: [n] }) => (n === undefined ? undefined : { name: 'slow', reaches: true, beforeMs: n % 2 === 0 ? 150 : 5, answer: 'true' }))
  const intents = Array.from({ length: 30 }, (_, i) => series(i + 1, `s${i % 3}`))
  await ask(page, intents)
  expect(compare(farEnd, intents, await drained(page, intents, 30_000))).toEqual(CLEAN)
  for (const rest of [0, 1, 2]) {
    const numbers = farEnd.backEnd.effects.map(({ n }) => n).filter((n) => (n - 1) % 3 === rest)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  }
})
