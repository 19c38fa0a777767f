/** One request over a network that loses requests, loses answers after the effect, delays either, and never answers. */
import type { Device } from './device.ts'
import type { Generation } from './generation.ts'
import type { Fault } from './plan.ts'
import type { World } from './world.ts'

/** Longer than every time-out in the runtime. */
const LATE_MS = 90_000

export type Exchange = <T>(
  site: string,
  detail: string,
  options: { timeoutMs: number; background?: boolean },
  /** The far end's side, once the request has arrived; sees the fault that this request meets, if it is not the network's. */
  serve: (fault: Fault | null) => T,
  /** What the adapter tells when no answer came. */
  lost: () => T,
) => Promise<T>

export const createExchange =
  (world: World, device: Device, generation: Generation): Exchange =>
  (site, detail, { timeoutMs, background }, serve, lost) => {
    const fault = world.fault(site)
    const kind = fault?.kind ?? null
    const { rng } = world
    const hold = { survives: true, ...(background === true ? { background: true } : {}) }
    if (!device.isOnline()) return generation.call(site, `${detail} offline`, { answerMs: 1 + rng.int(20), ...hold }, lost)
    const isNetworks = kind === 'lose-request' || kind === 'lose-answer' || kind === 'late' || kind === 'slow' || kind === 'hang'
    if (fault && isNetworks) world.count(`${site} ${fault.kind}`)
    const base = { arriveMs: 2 + rng.int(40), answerMs: 2 + rng.int(40), timeoutMs, ...hold }
    const timing =
      kind === 'late'
        ? { ...base, arriveMs: LATE_MS }
        : kind === 'slow'
          ? { ...base, answerMs: timeoutMs - 100 }
          : kind === 'hang'
            ? { ...base, answerMs: LATE_MS }
            : base
    const willArrive = rng.unit()
    return generation.call(
      site,
      kind === null ? detail : `${detail} !${kind}`,
      timing,
      () => {
        // A request that had left when its worker died arrives or not; one whose network went away does not.
        const isThere = kind !== 'lose-request' && device.isOnline() && (generation.isAlive() || willArrive < 0.5)
        const value = isThere ? serve(isNetworks ? null : fault) : lost()
        return kind === 'lose-answer' ? lost() : value
      },
      lost,
    )
  }
