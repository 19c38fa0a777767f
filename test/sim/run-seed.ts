import { generatePlan } from '../../src/testing/generate.ts'
import type { Plan } from '../../src/testing/plan.ts'
import { runPlan, type Outcome } from '../../src/testing/run-plan.ts'
import { BUILDS } from './actions.ts'
import { drawIntents } from './intents.ts'
import type { Result } from './summary.ts'

/** Every how many seeds a schedule runs twice, the second time with other message texts, which may change nothing (law 11). */
const SCRAMBLE_EVERY = 8

export const planOf = (seed: number): Plan => generatePlan(String(seed), drawIntents)

export const runSchedule = (plan: Plan, texts?: string): Promise<Outcome> =>
  runPlan(plan, { builds: BUILDS, ...(texts === undefined ? {} : { texts }) })

/** The breaks of one plan, with what running it again under other texts shows. */
export async function judge(plan: Plan, isScrambled: boolean): Promise<Outcome> {
  const outcome = await runSchedule(plan)
  if (!isScrambled) return outcome
  const again = await runSchedule(plan, 'other texts')
  if (again.hash === outcome.hash) return outcome
  const at = outcome.trace.findIndex((line, i) => line !== again.trace[i])
  const text = `other message texts led to another run: "${outcome.trace[at] ?? ''}" became "${again.trace[at] ?? ''}"`
  return { ...outcome, breaks: [...outcome.breaks, { law: 11, text, at: 0 }] }
}

export async function runSeed(seed: number): Promise<Result> {
  const { breaks, effects, killed, faults, hash } = await judge(planOf(seed), seed % SCRAMBLE_EVERY === 0)
  return { seed, breaks, effects, killed, faults: [...faults], hash }
}
