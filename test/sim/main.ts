/**
 * `npm run sim`: schedules by seed, over the real runtime.
 *
 * `--seeds N` `--from M` `--workers K` `--json`; `--seed S` replays one with its trace; `--kills` tries every await of the
 * named schedules; `--mutate ID` (or `all`) runs a deliberately broken copy, which must fail.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { shrinkPlan } from '../../src/testing/shrink.ts'
import { everyKill } from './every-kill.ts'
import { inThreads } from './in-threads.ts'
import { mutate, mutations, StalePatch } from './mutate.ts'
import { judge, planOf } from './run-seed.ts'
import { SCHEDULES } from './schedules/all.ts'
import { showBreaks, showPlan } from './show.ts'
import { summarise, type Result } from './summary.ts'

const PROGRESS_MS = 10_000
const SHOWN_MAX = 3

const say = (text: string): void => void process.stderr.write(`${text}\n`)

async function replay(seed: number): Promise<number> {
  const outcome = await judge(planOf(seed), true)
  say(outcome.trace.join('\n'))
  say(`seed ${seed}: ${outcome.awaits} awaits, ${outcome.effects} effects, ${outcome.killed} kills, trace ${outcome.hash}`)
  if (outcome.breaks.length === 0) return 0
  say(showBreaks(outcome.breaks))
  return explain(seed)
}

async function explain(seed: number): Promise<number> {
  const plan = planOf(seed)
  const law = (await judge(plan, true)).breaks[0]?.law
  const small = await shrinkPlan(plan, async (candidate) => (await judge(candidate, law === 11)).breaks.some((one) => one.law === law))
  say(`seed ${seed}, made as small as it fails:\n${showPlan(small)}\n${showBreaks((await judge(small, law === 11)).breaks)}`)
  return 1
}

async function run(from: number, count: number, threads: number, isJson: boolean): Promise<number> {
  const results: Result[] = []
  const begin = performance.now()
  let said = begin
  const failed: Result[] = []
  await inThreads({ from, count, threads }, (some) => {
    results.push(...some)
    for (const result of some) {
      if (result.breaks.length === 0) continue
      failed.push(result)
      if (failed.length <= 20) say(`FAILED seed ${result.seed}: npm run sim -- --seed ${result.seed}\n${showBreaks(result.breaks)}`)
    }
    if (performance.now() - said > PROGRESS_MS) {
      said = performance.now()
      say(`${results.length} of ${count} schedules, ${failed.length} failed, ${Math.round(results.length / ((said - begin) / 1_000))} a second`)
    }
  })
  for (const { seed } of failed.toSorted((a, b) => a.seed - b.seed).slice(0, SHOWN_MAX)) await explain(seed)
  const summary = summarise(results, (performance.now() - begin) / 1_000)
  process.stdout.write(`${isJson ? JSON.stringify(summary) : JSON.stringify(summary, null, 2)}\n`)
  return failed.length > 0 || results.length < count ? 1 : 0
}

/** One planted bug: 1 when the run fails, as it must; 0 when it escapes; 2 when its patch is stale. `all`: 0 when every one is found. */
async function runMutations(id: string, from: number, count: number, threads: number, isJson: boolean): Promise<number> {
  const escaped: string[] = []
  const stale: string[] = []
  const ids = id === 'all' ? mutations() : [id]
  for (const one of ids) {
    try {
      const { ran, caughtBy } = await mutate(one, { from, count, threads })
      if (caughtBy) say(`${one}: found by seed ${caughtBy.seed} after ${ran} schedules\n${showBreaks(caughtBy.breaks)}`)
      else escaped.push(one)
      if (!caughtBy) say(`${one}: ESCAPED ${ran} schedules`)
    } catch (error) {
      if (!(error instanceof StalePatch)) throw error
      stale.push(one)
      say(`${one}: the patch does not apply any more\n${error.message}`)
    }
  }
  const summary = { mutations: ids.length, found: ids.length - escaped.length - stale.length, escaped, stale }
  process.stdout.write(`${isJson ? JSON.stringify(summary) : JSON.stringify(summary, null, 2)}\n`)
  if (stale.length > 0) return 2
  const isAllFound = escaped.length === 0
  return (id === 'all') === isAllFound ? 0 : 1
}

/** Every kill point of every named schedule. */
async function runKills(isJson: boolean): Promise<number> {
  const results: Result[] = []
  const begin = performance.now()
  for (const schedule of SCHEDULES) {
    const runs = await everyKill(schedule)
    results.push(...runs)
    const failed = runs.filter(({ breaks }) => breaks.length > 0)
    say(`${schedule.name}: ${runs.length} runs, ${failed.length} failed`)
    for (const { kill, breaks } of failed.slice(0, SHOWN_MAX)) say(`  killed at ${JSON.stringify(kill)}\n${showBreaks(breaks)}`)
  }
  const summary = { named: SCHEDULES.length, ...summarise(results, (performance.now() - begin) / 1_000) }
  process.stdout.write(`${isJson ? JSON.stringify(summary) : JSON.stringify(summary, null, 2)}\n`)
  return results.some(({ breaks }) => breaks.length > 0) ? 1 : 0
}

async function main(): Promise<number> {
  const [from, count] = [Number(values.from), Number(values.seeds)]
  const threads = values.workers === undefined ? availableParallelism() : Number(values.workers)
  if (values.seed !== undefined) return replay(Number(values.seed))
  if (values.kills) return runKills(values.json)
  if (values.mutate !== undefined) return runMutations(values.mutate, from, count, threads, values.json)
  return run(from, count, threads, values.json)
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    mutate: { type: 'string' },
    kills: { type: 'boolean', default: false },
  },
})

process.on('unhandledRejection', () => undefined)
Error.stackTraceLimit = 0

process.exitCode = await main()
