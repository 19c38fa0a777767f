import { expect, test } from 'vitest'
import { everyKill } from './every-kill.ts'
import { SCHEDULES } from './schedules/all.ts'

const TRIED = ['an un-keyed request', 'a keyed request meets lose-answer', 'YELLOW undone', 'two tabs ask the same']

test('there are fifty named schedules and more, each with a name of its own', () => {
  expect(SCHEDULES.length).toBeGreaterThanOrEqual(50)
  expect(new Set(SCHEDULES.map(({ name }) => name)).size).toBe(SCHEDULES.length)
})

test.each(TRIED)('%s: a worker that dies at any await loses nothing and repeats nothing', { timeout: 300_000 }, async (name) => {
  const schedule = SCHEDULES.find((one) => one.name === name)
  if (!schedule) throw new Error(`there is no schedule "${name}"`)
  const runs = await everyKill(schedule)
  expect(runs.filter(({ breaks }) => breaks.length > 0)).toEqual([])
  expect(runs.filter(({ killed }) => killed > 0).length).toBeGreaterThan(30)
})
