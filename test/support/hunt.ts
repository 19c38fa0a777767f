/**
 * `npm run hunt -- --kills 200 [--seed S] [--items 10000]`: real browsers killed and workers stopped with requests in flight, until that many kills are
 * made; then one browser with that many waiting items, killed half-way (`--items 0` leaves it out).
 * `--flips 300 [--browser firefox]`: instead, so many kill documents under twenty intents a second, and when the last effect was at the far end.
 * Progress goes to stderr; the last line on stdout is one JSON object. Exit code 1 when anything was lost or repeated.
 */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../fitness/source-files.ts'
import { ensureFirefox } from './ensure-firefox.mjs'
import { startFirefox } from './firefox.ts'
import { runBulk } from './hunt-bulk.ts'
import { huntFlips } from './hunt-flips.ts'
import { runKillSchedule } from './hunt-kills.ts'
import type { KillOutcome } from './hunt-kills.ts'
import { startDemo } from './start-demo.ts'

/** Kills of one schedule: its browser, profile and far end serve for several. */
const KILLS_EACH = 4
/** A schedule beyond this hangs, which is a defect of its own. */
const SCHEDULE_MS = 240_000
const BULK_MS = 400_000

const numberAfter = (flag: string, otherwise: number): number => {
  const at = process.argv.indexOf(flag)
  const value = at < 0 ? otherwise : Number(process.argv[at + 1])
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${flag} needs a whole number`)
  return value
}

const browserAsked = (): 'chromium' | 'firefox' => {
  const at = process.argv.indexOf('--browser')
  const name = at < 0 ? 'chromium' : process.argv[at + 1]
  if (name !== 'chromium' && name !== 'firefox') throw new Error('--browser needs chromium or firefox')
  return name
}

const commit = (): string => {
  const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with changes')
  } catch {
    return 'unknown'
  }
}

const say = (text: string): void => void process.stderr.write(`${text}\n`)

const within = async <T>(work: Promise<T>, ms: number): Promise<T> => {
  const late = new AbortController()
  const deadline = sleep(ms, undefined, { signal: late.signal }).then(() => {
    throw new Error(`not within ${ms} ms`)
  })
  deadline.catch(() => undefined)
  try {
    return await Promise.race([work, deadline])
  } finally {
    late.abort()
  }
}

/** The killswitch alone: its own server, its own browser. */
const mainOfFlips = async (flips: number): Promise<void> => {
  const browser = browserAsked()
  const firefox = browser === 'firefox' ? ensureFirefox() : ''
  const started = new Date().toISOString()
  const demo = await startDemo({ VITE_MAESTRO_ENABLED: 'true' })
  try {
    const progress = (done: number): void => (done % 20 === 0 ? say(`${done}/${flips} kills`) : undefined)
    const outcome = await huntFlips(demo, {
      flips,
      seed: numberAfter('--seed', 1),
      progress,
      ...(browser === 'firefox' ? { start: () => startFirefox(firefox) } : {}),
    })
    process.stdout.write(`${JSON.stringify({ commit: commit(), started, finished: new Date().toISOString(), browser, ...outcome })}\n`)
    process.exitCode = outcome.dropped + outcome.repeated > 0 || outcome.last_effect_ms.p99 >= 1_000 ? 1 : 0
  } finally {
    await demo.remove()
  }
}

const main = async (): Promise<void> => {
  const flips = numberAfter('--flips', 0)
  if (flips > 0) return mainOfFlips(flips)
  if (browserAsked() !== 'chromium') throw new Error('--browser firefox goes with --flips: a kill hunt stops workers by what Chromium alone has')
  const wanted = numberAfter('--kills', 20)
  const items = numberAfter('--items', 10_000)
  const from = numberAfter('--seed', Date.now() % 1_000_000)
  const started = new Date().toISOString()
  const outcomes: KillOutcome[] = []
  const broken: string[] = []
  const noteBroken = (what: string) => (error: unknown) => {
    broken.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    say(broken.at(-1) ?? '')
    return null
  }
  const killsSoFar = (): number => outcomes.reduce((sum, { kills }) => sum + kills, 0)

  for (let seed = from; killsSoFar() < wanted && broken.length < 5; seed++) {
    const kills = Math.min(KILLS_EACH, wanted - killsSoFar())
    try {
      const outcome = await within(runKillSchedule({ seed, kills }), SCHEDULE_MS)
      outcomes.push(outcome)
      say(`seed ${seed}: ${killsSoFar()}/${wanted} kills, ${outcome.intents} intents, ${outcome.caught} repeats caught`)
      for (const line of [...outcome.lost.map((each) => `LOST ${each}`), ...outcome.repeated.map((each) => `REPEATED ${each}`)])
        say(`  ${line} (again: npm run hunt -- --kills ${kills} --seed ${seed})`)
    } catch (error) {
      noteBroken(`seed ${seed}`)(error)
    }
  }

  const bulk = items === 0 ? null : await within(runBulk(items), BULK_MS).catch(noteBroken(`${items} waiting items`))
  if (bulk !== null) say(`${items} waiting items: ${bulk.unique} done, ${bulk.repeated} repeated, long tasks ${JSON.stringify(bulk.longTasks)}`)

  const faults: Record<string, number> = {}
  for (const outcome of outcomes) for (const [name, count] of Object.entries(outcome.faults)) faults[name] = (faults[name] ?? 0) + count
  const sum = (of: (outcome: KillOutcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0)
  const lost = sum((outcome) => outcome.lost.length) + (bulk === null ? 0 : bulk.accepted - bulk.unique)
  const repeated = sum((outcome) => outcome.repeated.length) + (bulk?.repeated ?? 0)
  const report = {
    commit: commit(),
    started,
    finished: new Date().toISOString(),
    kills: killsSoFar(),
    kills_in_flight: sum(({ inFlight }) => inFlight),
    updates: sum(({ updates }) => updates),
    schedules: outcomes.length,
    seed: from,
    intents: sum(({ intents }) => intents),
    effects: sum(({ effects }) => effects),
    unknown: sum(({ unknown }) => unknown),
    lost,
    repeated,
    broken: broken.length,
    faults,
    bulk,
  }
  process.stdout.write(`${JSON.stringify(report)}\n`)
  process.exitCode = lost + repeated + broken.length > 0 || killsSoFar() < wanted ? 1 : 0
}

// The browser driver hears a SIGTERM and closes its browsers, but the process would hunt on.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
await main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
process.exit()
