import type { Actions } from '../../sw/ports/action.ts'
import type { Directories } from '../policy/lane-rules.ts'
import { createSite } from './create-site.ts'
import { heal } from './heal.ts'
import { createHost, type Host } from './host.ts'
import { checkEnd } from './law-end.ts'
import { createPeople } from './perform.ts'
import type { Plan } from './plan.ts'
import type { Break } from './world.ts'

export type Outcome = {
  readonly breaks: readonly Break[]
  readonly effects: number
  readonly awaits: number
  readonly killed: number
  readonly faults: ReadonlyMap<string, number>
  readonly hash: string
  readonly trace: readonly string[]
}

export type RunOptions = {
  readonly builds: readonly Actions[]
  readonly directories?: Directories
  /** What error names and message texts are made from; another one may change nothing. */
  readonly texts?: string
}

const STEPS = 6_000

/** One schedule, from an empty disk to the account at its end. */
export async function runPlan(plan: Plan, { builds, directories = {}, texts = 'texts' }: RunOptions): Promise<Outcome> {
  const site = createSite({ plan, builds, directories, textSeed: texts, host: () => host })
  const host: Host = createHost(() => site)
  const people = createPeople(site, host)
  const { world } = site
  for (const device of site.devices) if (plan.devices[device.index]?.hasPage === true) people.openPage(device)
  for (const act of plan.acts) world.scheduler.add(act.at, () => people.perform(act))
  const last = Math.max(0, ...plan.acts.map(({ at }) => at))
  await world.run({ untilMs: last + 30_000, steps: STEPS })
  await heal(site, host, people)
  checkEnd(site)
  for (const device of site.devices) host.stop(device, 'the end')
  return {
    breaks: world.breaks,
    effects: site.far.applied.length + [...site.pageRuns.values()].reduce((sum, count) => sum + count, 0),
    awaits: world.awaits,
    killed: world.killed,
    faults: world.faults,
    hash: world.trace.hash(),
    trace: world.trace.lines(),
  }
}
