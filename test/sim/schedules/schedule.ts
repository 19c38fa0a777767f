import type { Act, DevicePlan, Fault, Plan, PlannedIntent } from '../../../src/testing/plan.ts'

/** A schedule with a name, of which every kill point is tried. Kept lean: each has a few hundred of them. */
export type Schedule = { readonly name: string; readonly plan: Plan }

type Short = {
  readonly intents: readonly [action: string, more?: Readonly<Record<string, string | number>>][]
  /** What happens besides every intent being asked, a second apart. */
  readonly acts?: readonly Act[]
  readonly faults?: readonly Fault[]
  readonly hasServer?: boolean
  readonly device?: Partial<DevicePlan>
  readonly second?: Partial<DevicePlan>
  /** Leaves the asking to `acts`. */
  readonly isManual?: boolean
}

const DEVICE: DevicePlan = { hasSync: true, isLockBroken: false, workers: 1, hasPage: true }

export function schedule(
  name: string,
  { intents, acts = [], faults = [], hasServer = false, device = {}, second, isManual = false }: Short,
): Schedule {
  const planned = intents.map(([action, more = {}], i): PlannedIntent => ({ action, params: { ref: `CANARY-${i}`, ...more }, key: `k/${i}` }))
  const devices = [{ ...DEVICE, ...device }, ...(second ? [{ ...DEVICE, ...second }] : [])]
  const signIns = hasServer ? devices.map((_one, i): Act => ({ kind: 'sign-in', at: 10, device: i, user: 'ana' })) : []
  const asked = isManual ? [] : planned.map((_one, intent): Act => ({ kind: 'execute', at: 1_000 + 300 * intent, device: 0, slot: 0, intent }))
  return {
    name,
    plan: {
      seed: name,
      hasServer,
      devices,
      intents: planned,
      acts: [...signIns, ...asked, ...acts].toSorted((a, b) => a.at - b.at),
      faults,
      kills: [],
    },
  }
}

export const fault = (site: string, kind: string, nth = 1, ms?: number): Fault => ({ site, nth, kind, ...(ms === undefined ? {} : { ms }) })

export const approve = (intent: number, at: number, device = 0): Act => ({ kind: 'approve', at, device, slot: 0, intent })
