/**
 * Virtual time, and the one place that decides what happens next.
 *
 * Whatever is possible at the present virtual moment waits in a pool; the seed picks which of it happens. Time moves only
 * when nothing is possible any more. Promise jobs run between two steps by waiting a number of ticks: their order is fixed
 * by the language, so the same seed gives the same run on every machine, and no timer of the host is needed.
 */
import type { Rng } from './rng.ts'

type Item = { readonly at: number; readonly lane: string | null; readonly isBackground: boolean; readonly run: () => void; isGone: boolean }

export type Scheduler = {
  /** Virtual milliseconds since the world began. */
  now(): number
  /** Something that may happen `afterMs` from now. Things of one `lane` happen in the order they were added. Returns its cancel. */
  add(afterMs: number, run: () => void, options?: { lane?: string; background?: boolean }): () => void
  /** Lets things happen until nothing but background is left (unless that counts too), `untilMs` is reached, or `steps` were taken. */
  run(limits: { untilMs: number; steps: number; isOver?: () => boolean; background?: boolean }): Promise<'quiet' | 'time' | 'steps' | 'over' | 'spin'>
}

/** Promise jobs between two steps: more than any chain of awaits in the runtime is long. */
const TICKS = 16
/** Steps within one virtual millisecond that no honest work takes: beyond it something spins. */
const SPIN_STEPS = 2_000
/** Rounds of ticks before the world is taken to be waiting for time to pass. */
const ROUNDS = 6

const ticks = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await Promise.resolve()
}

export function createScheduler(rng: Rng): Scheduler {
  let now = 0
  let pool: Item[] = []
  let stepsNow = 0

  const possible = (): Item[] => {
    const lanes = new Set<string>()
    const found: Item[] = []
    for (const item of pool) {
      if (item.lane !== null) {
        if (lanes.has(item.lane)) continue
        lanes.add(item.lane)
      }
      if (item.at <= now) found.push(item)
    }
    return found
  }

  const settle = async (): Promise<Item[]> => {
    await ticks(TICKS)
    let found = possible()
    for (let round = 0; found.length === 0 && round < ROUNDS; round++) {
      await ticks(TICKS)
      found = possible()
    }
    return found
  }

  /** The next moment at which anything is possible: a lane's later things wait for its first. */
  const nextAt = (): number => {
    const lanes = new Map<string, number>()
    let next = Infinity
    for (const item of pool) {
      const { at } = item
      if (item.lane !== null) {
        if (lanes.has(item.lane)) continue
        lanes.set(item.lane, at)
      }
      next = Math.min(next, at)
    }
    return next
  }

  return {
    now: () => now,
    add(afterMs, run, options = {}) {
      const item: Item = { at: now + Math.max(0, afterMs), lane: options.lane ?? null, isBackground: options.background ?? false, run, isGone: false }
      pool.push(item)
      return () => {
        if (item.isGone) return
        item.isGone = true
        pool = pool.filter((other) => other !== item)
      }
    },
    async run({ untilMs, steps, isOver, background = false }) {
      for (let step = 0; step < steps; step++) {
        let found = await settle()
        if (isOver?.() === true) return 'over'
        if (found.length === 0) {
          if (pool.every(({ isBackground }) => isBackground && !background)) return 'quiet'
          const next = nextAt()
          if (next > untilMs) {
            now = Math.max(now, untilMs)
            return 'time'
          }
          now = next
          stepsNow = 0
          found = possible()
        }
        if (++stepsNow > SPIN_STEPS) return 'spin'
        const item = found.length === 1 ? (found[0] as Item) : rng.pick(found)
        item.isGone = true
        pool.splice(pool.indexOf(item), 1)
        item.run()
      }
      return 'steps'
    },
  }
}
