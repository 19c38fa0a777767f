import type { Actions } from '../../sw/ports/action.ts'
import type { Directories } from '../policy/lane-rules.ts'
import { digestBytes } from '../base/digest.ts'
import { utf8ToBytes } from '../base/bytes.ts'
import { generatePlan } from './generate.ts'
import type { Plan, PlannedIntent } from './plan.ts'
import type { Rng } from './rng.ts'
import { runPlan } from './run-plan.ts'
import { shrinkPlan } from './shrink.ts'
import type { Break } from './world.ts'

export type SimulateOptions = {
  /** The app's own declarations, exactly as its worker has them. */
  readonly actions: Actions
  readonly directories?: Directories
  /** What the app's people and agents may ask, drawn anew for every seed. Parameters that differ make effects that can be told apart. */
  readonly intents: (random: Rng) => readonly PlannedIntent[]
  /** How many schedules. */
  readonly seeds: number
  /** The first seed; 1 when absent. */
  readonly from?: number
}

export type Failed = { readonly seed: number; readonly breaks: readonly Break[]; readonly plan: Plan }

export type Report = {
  readonly schedules: number
  readonly lost: number
  readonly repeated: number
  readonly stuck: number
  readonly law_breaks: number
  readonly effects: number
  readonly awaits_killed: number
  readonly faults: Readonly<Record<string, number>>
  /** One fingerprint over all schedules in order of their seeds: the same code and seeds give the same. */
  readonly trace_hash: string
  /** The first schedule that failed, made as small as it can be and still fail. */
  readonly failed: Failed | null
}

/**
 * Runs an app's declared actions through schedules of lost answers, dying workers, closed pages, broken clocks and full
 * disks, and counts what MAESTRO's laws forbid. Four zeros is what to expect.
 *
 * @example const { lost, repeated, stuck } = await simulate({ actions, intents: (random) => [{ action: 'mail', params: { to: random.hex(4) }, key: random.hex(8) }], seeds: 100 })
 */
export async function simulate({ actions, directories = {}, intents, seeds, from = 1 }: SimulateOptions): Promise<Report> {
  const count = { lost: 0, repeated: 0, stuck: 0, law_breaks: 0, effects: 0, awaits_killed: 0 }
  const faults: Record<string, number> = {}
  const hashes: string[] = []
  let failed: Failed | null = null
  const options = { builds: [actions], directories }
  for (let seed = from; seed < from + seeds; seed++) {
    const plan = generatePlan(String(seed), intents)
    const outcome = await runPlan(plan, options)
    hashes.push(outcome.hash)
    count.effects += outcome.effects
    count.awaits_killed += outcome.killed
    for (const [kind, times] of outcome.faults) faults[kind] = (faults[kind] ?? 0) + times
    for (const { law } of outcome.breaks) count[typeof law === 'number' ? 'law_breaks' : law] += 1
    if (outcome.breaks.length > 0 && failed === null) {
      const small = await shrinkPlan(plan, async (candidate) => (await runPlan(candidate, options)).breaks.length > 0)
      failed = { seed, breaks: (await runPlan(small, options)).breaks, plan: small }
    }
  }
  return { schedules: seeds, ...count, faults, trace_hash: digestBytes(utf8ToBytes(hashes.join(''))), failed }
}
