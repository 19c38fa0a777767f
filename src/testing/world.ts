/** What everything in one simulated run shares: the plan, time, chance, the trace, and the book of what went wrong. */
import type { Fault, GateWord, Plan } from './plan.ts'
import { createRng, type Rng } from './rng.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'
import { createTrace, type Trace } from './trace.ts'

/** Wall time at virtual zero: January 2027. */
export const EPOCH = 1_800_000_000_000

/** `law` is a law's number, or what the counts of a run name: lost, repeated, stuck. */
export type Break = { readonly law: number | 'lost' | 'repeated' | 'stuck'; readonly text: string; readonly at: number }

export type World = {
  readonly plan: Plan
  readonly rng: Rng
  /** Error names and message texts come from here: changing them may change nothing else (law 11). */
  readonly texts: Rng
  readonly scheduler: Scheduler
  readonly trace: Trace
  readonly breaks: Break[]
  readonly faults: Map<string, number>
  readonly flag: { version: number; action: GateWord; isEnvOff: boolean }
  /** Nothing of the plan fails any more: the world is being put right. */
  isHealing: boolean
  awaits: number
  killed: number
  /** Lets things happen, as the scheduler does; work that spins breaks law 9 and ends the run. */
  run(limits: Parameters<Scheduler['run']>[0]): Promise<void>
  /** The await at which a worker dies, if the plan says so. */
  killAt(number: number): 'before' | 'after' | null
  /** The fault that this call of `site` meets. */
  fault(site: string): Fault | null
  /** What every request of this intent meets, healing or not. */
  poison(key: string): Fault | null
  count(fault: string): void
  broke(law: Break['law'], text: string): void
}

export function createWorld(plan: Plan, textSeed: string): World {
  const rng = createRng(`${plan.seed}/chance`)
  const scheduler = createScheduler(rng)
  const trace = createTrace(() => scheduler.now())
  const calls = new Map<string, number>()
  const faults = new Map(plan.faults.map((fault) => [`${fault.site}#${fault.nth}`, fault]))
  const kills = new Map(plan.kills.map(({ at, when }) => [at, when]))
  const world: World = {
    plan,
    rng,
    texts: createRng(textSeed),
    scheduler,
    trace,
    breaks: [],
    faults: new Map(),
    flag: { version: 1, action: 'run', isEnvOff: false },
    isHealing: false,
    awaits: 0,
    killed: 0,
    async run(limits) {
      if ((await scheduler.run(limits)) === 'spin') world.broke(9, 'work spins: no time passes, and it never ends')
    },
    killAt: (number) => (world.isHealing ? null : (kills.get(number) ?? null)),
    fault(site) {
      const nth = (calls.get(site) ?? 0) + 1
      calls.set(site, nth)
      if (world.isHealing) return null
      return faults.get(`${site}#${nth}`) ?? null
    },
    poison(key) {
      const index = plan.intents.findIndex((intent) => intent.key === key)
      return index < 0 ? null : (faults.get(`poison#${index + 1}`) ?? null)
    },
    count(fault) {
      world.faults.set(fault, (world.faults.get(fault) ?? 0) + 1)
    },
    broke(law, text) {
      if (world.breaks.some((known) => known.law === law && known.text === text)) return
      world.breaks.push({ law, text, at: scheduler.now() })
      trace.add(`BREAK ${law}`, text)
    },
  }
  return world
}
