import type { Kill } from '../../src/testing/plan.ts'
import { runSchedule } from './run-seed.ts'
import type { Schedule } from './schedules/schedule.ts'
import type { Result } from './summary.ts'

/** Runs a schedule once undisturbed, and then once for each await and each side of it, with the worker dying there. */
export async function everyKill(
  { plan }: Schedule,
  only: (kill: Kill) => boolean = () => true,
): Promise<readonly (Result & { readonly kill: Kill | null })[]> {
  const judged = async (kill: Kill | null, index: number): Promise<Result & { readonly kill: Kill | null; readonly awaits: number }> => {
    const { breaks, effects, killed, faults, hash, awaits } = await runSchedule({ ...plan, kills: kill ? [kill] : [] })
    return { seed: index, breaks, effects, killed, faults: [...faults], hash, kill, awaits }
  }
  const calm = await judged(null, 0)
  const results = [calm]
  for (let at = 1; at <= calm.awaits; at++) {
    for (const when of ['before', 'after'] as const) {
      const kill: Kill = { at, when }
      if (only(kill)) results.push(await judged(kill, results.length))
    }
  }
  return results
}
