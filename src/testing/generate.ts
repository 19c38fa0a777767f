/** Draws a schedule from a seed: who is there, what is asked and decided, what the world does, what fails, and who dies when. */
import type { Act, DevicePlan, Fault, GateWord, Kill, Plan, PlannedIntent } from './plan.ts'
import { createRng, type Rng } from './rng.ts'
import { EPOCH } from './world.ts'

const YEAR_MS = 365 * 86_400_000
const SPAN_MS = 90_000

/** Fault kinds by the port they belong to. */
export const FAULT_KINDS = {
  far: [
    'lose-request',
    'lose-answer',
    'late',
    'slow',
    'hang',
    'twice',
    'applied-500',
    'applied-portal',
    'portal',
    'redirect',
    'junk',
    '400',
    '401',
    '403',
    '408',
    '409',
    '422',
    '425',
    '429',
    '500',
    '502',
    '503',
  ],
  item: ['omit', 'contradict', 'stranger', '409', '429', '500', '422', '400'],
  server: ['lose-request', 'lose-answer', 'late', 'slow', 'hang', '401', 'failing', 'busy'],
  'look-up': ['lose-request', 'failing', '401'],
  auth: ['lose-request', 'lose-answer', 'failing', 'refused'],
  flag: ['lose-request', 'junk', 'old', 'old', 'failing'],
  commit: ['abort', 'quota', 'unopenable'],
  load: ['unopenable', 'abort'],
  get: ['unopenable'],
  audit: ['unopenable'],
  keyring: ['unopenable'],
  secrets: ['quota'],
  page: ['closed-before', 'closed-after', 'failed'],
  pages: ['closed-once-seen'],
} as const

const WAITS = [0, 1_000, 7_000, 3_600_000, 1e15, 1e300]

function devicesOf(rng: Rng): DevicePlan[] {
  const count = rng.chance(0.2) ? 2 : 1
  return Array.from({ length: count }, () => {
    const workers = rng.chance(0.15) ? 2 : 1
    return { hasSync: rng.chance(0.7), workers, isLockBroken: workers === 2 && rng.chance(0.6), hasPage: rng.chance(0.8) }
  })
}

function worldActs(rng: Rng, devices: number): Act[] {
  const acts: Act[] = []
  const at = (): { at: number; device: number } => ({ at: rng.int(SPAN_MS), device: rng.int(devices) })
  const some = (probability: number, make: () => Act): void => {
    if (rng.chance(probability)) acts.push(make())
  }
  for (let i = rng.int(3); i > 0; i--) {
    const down = at()
    acts.push({ ...down, kind: 'offline' })
    some(0.8, () => ({ ...down, at: down.at + rng.int(30_000), kind: 'online' }))
  }
  some(0.15, () => ({ ...at(), kind: 'stop-worker' }))
  some(0.1, () => ({ ...at(), kind: 'update' }))
  some(0.08, () => ({ ...at(), kind: 'downgrade' }))
  some(0.15, () => ({ ...at(), kind: 'close-pages' }))
  some(0.15, () => ({ ...at(), kind: 'open-page' }))
  some(0.2, () => ({ ...at(), kind: 'wake' }))
  if (devices > 1) some(0.2, () => ({ ...at(), kind: 'rescue', to: rng.int(2) }))
  some(0.08, () => ({ ...at(), kind: 'revoke' }))
  some(0.04, () => ({ ...at(), kind: 'evict' }))
  for (let i = rng.chance(0.25) ? 1 + rng.int(2) : 0; i > 0; i--) {
    const action = rng.pick<GateWord>(['kill', 'kill', 'readonly', 'drain', 'safe-worker', 'run'])
    const flip = { ...at(), kind: 'gate' as const, action }
    acts.push(flip)
    some(0.7, () => ({ ...flip, at: flip.at + rng.int(40_000), action: 'run' }))
  }
  some(0.03, () => ({ ...at(), kind: 'gate-env-off' }))
  for (let i = rng.chance(0.1) ? 1 + rng.int(2) : 0; i > 0; i--) {
    const toMs = rng.pick([0, EPOCH + 70 * YEAR_MS, EPOCH - 3_600_000, EPOCH + 3_600_000, EPOCH + SPAN_MS, EPOCH + YEAR_MS])
    acts.push({ ...at(), kind: 'clock', toMs })
  }
  if (rng.chance(0.12)) {
    const out = at()
    acts.push({ ...out, kind: 'sign-out' })
    some(0.7, () => ({ ...out, at: out.at + 500 + rng.int(20_000), kind: 'sign-in', user: rng.pick(['ana', 'ben']) }))
  }
  return acts
}

function intentActs(rng: Rng, intents: readonly PlannedIntent[], devices: number): Act[] {
  const burst = rng.chance(0.4) ? 2_000 : SPAN_MS / 2
  return intents.flatMap((_intent, intent) => {
    const at = 1_000 + rng.int(burst)
    const device = rng.int(devices)
    const slot = rng.int(2)
    const acts: Act[] = [{ kind: 'execute', at, device, slot, intent, ...(rng.chance(0.12) ? { twice: true } : {}) }]
    // The same wish on the other device, or again later under the same key.
    if (devices > 1 && rng.chance(0.3)) acts.push({ kind: 'execute', at: at + rng.int(5_000), device: 1 - device, slot, intent })
    if (rng.chance(0.1)) acts.push({ kind: 'execute', at: at + rng.int(30_000), device, slot: 1 - slot, intent })
    const later = (): number => at + 200 + rng.int(20_000)
    if (rng.chance(0.35)) acts.push({ kind: 'approve', at: later(), device, slot, intent })
    if (rng.chance(0.05)) acts.push({ kind: 'deny', at: later(), device, slot, intent })
    if (rng.chance(0.06)) acts.push({ kind: 'cancel', at: later(), device, slot, intent })
    if (rng.chance(0.05)) acts.push({ kind: 'retry', at: later(), device, slot, intent })
    if (rng.chance(0.05)) acts.push({ kind: 'edit', at: at + 5_000 + rng.int(60_000), device, slot, intent })
    if (rng.chance(0.03)) acts.push({ kind: 'discard', at: later(), device, slot, intent })
    if (rng.chance(0.04)) acts.push({ kind: 'approve-other', at: later(), device, slot, intent })
    if (rng.chance(0.04)) {
      const hurt = later()
      acts.push({ kind: 'damage', at: hurt, device, intent, how: rng.pick(['cut', 'junk', 'newer', 'swap']) })
      if (rng.chance(0.5)) acts.push({ kind: 'execute', at: hurt + 1_000, device, slot, intent })
    }
    return acts
  })
}

function faultsOf(rng: Rng): Fault[] {
  const site = (name: keyof typeof FAULT_KINDS, count: number, span: number): Fault[] =>
    Array.from({ length: count }, () => {
      const kind = rng.pick<string>(FAULT_KINDS[name])
      const waits = ['429', '503', '409', 'busy', '425'].includes(kind) && rng.chance(0.6)
      return { site: name, nth: 1 + rng.int(span), kind, ...(waits ? { ms: rng.pick(WAITS) } : {}) }
    })
  const often = (probability: number, most: number): number => (rng.chance(probability) ? 1 + rng.int(most) : 0)
  return [
    ...site('far', often(0.8, 6), 14),
    ...(rng.chance(0.08) ? [{ site: 'poison', nth: 1 + rng.int(6), kind: rng.pick(['500', '503', 'portal']) }] : []),
    ...site('item', often(0.3, 3), 8),
    ...site('server', often(0.5, 5), 16),
    ...site('look-up', often(0.15, 2), 3),
    ...site('auth', often(0.2, 2), 4),
    ...site('flag', often(0.35, 4), 30),
    ...site('commit', often(0.25, 3), 25),
    ...site('load', often(0.06, 2), 3),
    ...site('get', often(0.08, 2), 8),
    ...site('audit', often(0.06, 1), 4),
    ...site('keyring', often(0.05, 2), 4),
    ...site('secrets', often(0.05, 1), 3),
    ...site('page', often(0.3, 2), 3),
    ...site('pages', often(0.15, 2), 3),
  ]
}

const killsOf = (rng: Rng): Kill[] =>
  Array.from({ length: rng.chance(0.6) ? 1 + rng.int(3) : 0 }, () => ({ at: 1 + rng.int(300), when: rng.chance(0.5) ? 'before' : 'after' }))

export function generatePlan(seed: string, intentsOf: (rng: Rng) => readonly PlannedIntent[]): Plan {
  const rng = createRng(`${seed}/plan`)
  const intents = intentsOf(rng)
  const devices = devicesOf(rng)
  const hasServer = devices.length > 1 || rng.chance(0.75)
  const signIns: Act[] = hasServer ? devices.map((_device, device) => ({ kind: 'sign-in', at: 10 + rng.int(200), device, user: 'ana' })) : []
  const acts = [...signIns, ...intentActs(rng, intents, devices.length), ...worldActs(rng, devices.length)]
  return { seed, hasServer, devices, intents, acts: acts.toSorted((a, b) => a.at - b.at), faults: faultsOf(rng), kills: killsOf(rng) }
}
