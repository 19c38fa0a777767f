import { expect, test } from 'vitest'
import { judge, planOf, runSchedule, runSeed } from './run-seed.ts'
import { summarise, type Result } from './summary.ts'

const SEEDS = 100
/** Seconds of work on an idle machine; the bound is for a crowded one. */
const PATIENCE_MS = 300_000

// A stack for each abort of a poke costs more than the rest of a step.
Error.stackTraceLimit = 0

test(
  'a hundred schedules lose nothing, repeat nothing, leave nothing stuck and keep every law',
  async () => {
    const results: Result[] = []
    for (let seed = 1; seed <= SEEDS; seed++) results.push(await runSeed(seed))
    expect(results.flatMap(({ seed, breaks }) => breaks.map(({ law, text }) => `seed ${seed}: ${law}: ${text}`))).toEqual([])
    const summary = summarise(results, 1) as { effects: number; awaits_killed: number; faults: Record<string, number> }
    expect(summary.effects).toBeGreaterThan(SEEDS)
    expect(summary.awaits_killed).toBeGreaterThan(SEEDS / 3)
    expect(Object.keys(summary.faults).length).toBeGreaterThan(40)
  },
  PATIENCE_MS,
)

test('the same seed is the same run, another seed is another', async () => {
  const [one, again, other] = [await judge(planOf(7), false), await judge(planOf(7), false), await judge(planOf(8), false)]
  expect(again.trace).toEqual(one.trace)
  expect(again.hash).toBe(one.hash)
  expect(other.hash).not.toBe(one.hash)
})

test('other message texts are the same run (law 11)', async () => {
  const plan = { ...planOf(21), faults: [{ site: 'commit', nth: 2, kind: 'abort' }] }
  expect((await runSchedule(plan, 'one')).hash).toBe((await runSchedule(plan, 'two')).hash)
})
