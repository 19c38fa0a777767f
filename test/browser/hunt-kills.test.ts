import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { hang } from '../support/hunt-faults.ts'
import { ask, drained, intent } from '../support/hunt-intents.ts'
import { runKillSchedule } from '../support/hunt-kills.ts'
import { visitHunted } from '../support/hunt-visit.ts'

/** Raise these to hunt longer; the same seed draws the same schedule. */
const KILLS = Number(process.env['HUNT_KILLS'] ?? 1)
const SEED = Number(process.env['HUNT_SEED'] ?? Date.now() % 1_000_000)
const EACH_MS = 30_000
const TIMEOUT_MS = 90_000 + KILLS * EACH_MS

const CLEAN = { lost: [], repeated: [] }

test(
  `a browser killed ${KILLS} times with requests in flight loses and repeats nothing (law 4, seed ${SEED})`,
  async () => {
    const outcome = await runKillSchedule({ seed: SEED, kills: KILLS, kind: 'browser' })
    expect(outcome).toMatchObject(CLEAN)
    expect(outcome.inFlight).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)

test(
  `a worker stopped ${KILLS} times with requests in flight loses and repeats nothing (law 4, seed ${SEED})`,
  async () => {
    const outcome = await runKillSchedule({ seed: SEED + 1, kills: KILLS, kind: 'worker', tabs: 1 })
    expect(outcome).toMatchObject(CLEAN)
    expect(outcome.inFlight).toBeGreaterThan(0)
  },
  TIMEOUT_MS,
)

test(
  `two tabs that drain while the worker is stopped ${KILLS} times lose and repeat nothing (law 12, seed ${SEED})`,
  async () => {
    expect(await runKillSchedule({ seed: SEED + 2, kills: KILLS, kind: 'worker', tabs: 2, intents: 12 })).toMatchObject(CLEAN)
  },
  TIMEOUT_MS,
)

test('an at-most-once effect under way when the worker is stopped ends as unknown, for a person to decide, and is never sent again by itself (law 5)', async () => {
  const { farEnd, browser, page } = await visitHunted()
  farEnd.spoil(({ path }) => (path === '/api/once' ? hang(3_000, true) : undefined))
  const intents = [intent(1, 'hunt.once'), intent(2, 'hunt.once')]
  await ask(page, intents)
  await eventually('both are under way', () => farEnd.backEnd.effects.length === 2)
  await browser.stopWorkers()
  // The page has the next worker look at once, not with its poll, a quarter of a minute later.
  const receipts = await drained(page, intents, 10_000)
  for (const receipt of receipts)
    expect(receipt).toMatchObject({ status: 'unknown', guarantee: 'at-most-once', failure: { code: 'OUTCOME_UNKNOWN' } })
  await browser.crash()
  await browser.reopen()
  const again = await browser.visit(farEnd.origin, { path: '/?user=demo' })
  expect((await drained(again, intents, 10_000)).map((receipt) => receipt?.status)).toEqual(['unknown', 'unknown'])
  expect(farEnd.backEnd.effects).toHaveLength(2)
})
