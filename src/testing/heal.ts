/**
 * Puts the world right and waits: network, gate, clock and build as they should be, the owner of the work signed in, a
 * page open, a person who answers what waits for a person. Whatever then still waits will wait for ever.
 */
import type { ReceiptRecord } from '../../sw/core/receipt-record.ts'
import { canonical } from '../base/canonical.ts'
import type { Known } from './book.ts'
import type { Device } from './device.ts'
import type { Host } from './host.ts'
import type { People } from './perform.ts'
import type { Site } from './site.ts'

const FINAL = new Set(['refused', 'denied', 'expired', 'cancelled', 'done', 'dead'])
/** Longer than the longest wait that a far end may ask for. */
const SLICE_MS = 26 * 3_600_000
const SLICES = 16
const STEPS = 3_000

/** A dead letter stays until a person deals with it; the shared ledger is not told before. */
const isDone = (record: ReceiptRecord): boolean => FINAL.has(record.state) && (record.synced || record.state === 'dead')

export const openRows = (site: Site, device: Device): Known[] =>
  [...site.laws.book.known.values()].filter((known) => known.device === device && !device.untouchable.has(known.id) && !isDone(known.record))

/** What a person finds out by looking at the far end: whether an effect without a key has happened. */
const happened = (site: Site, { call }: ReceiptRecord): boolean => {
  const text = canonical(call.params)
  return site.far.applied.some(({ params }) => params === text) || [...site.pageRuns.keys()].some((name) => name.endsWith(`|${text}`))
}

const isSpinning = ({ breaks }: Site['world']): boolean => breaks.some(({ law }) => law === 9)

export async function heal(site: Site, host: Host, people: People): Promise<void> {
  const { world } = site
  const { scheduler } = world
  // Requests still under way arrive or are lost before anybody looks.
  await world.run({ untilMs: scheduler.now() + 100_000, steps: STEPS })
  world.isHealing = true
  world.trace.add('healing')
  world.flag.version += 1
  world.flag.action = 'run'
  world.flag.isEnvOff = false
  for (const device of site.devices) await healDevice(site, host, people, device)
}

async function healDevice(site: Site, host: Host, people: People, device: Device): Promise<void> {
  const { world } = site
  const { scheduler } = world
  const once = async (work: () => Promise<unknown>): Promise<void> => {
    let isOver = false
    void work().then(() => {
      isOver = true
    })
    await world.run({ untilMs: scheduler.now() + 600_000, steps: STEPS, isOver: () => isOver })
  }
  host.stop(device, 'healing')
  device.isUp = true
  device.skewMs = 0
  let user: string | null = null
  let build = -1
  let still = 0
  for (let slice = 0; slice < SLICES && !isSpinning(world); slice++) {
    const open = openRows(site, device)
    const first = open.find(({ record }) => record.call.principal === user) ?? open[0]
    if (!first) return
    const { call } = first.record
    const wanted = site.builds.findIndex((actions) => actions[call.action]?.version === call.version)
    if (wanted !== build) {
      build = Math.max(0, wanted)
      device.build = build
      host.stop(device, 'another build')
    }
    if (device.pages.length === 0) people.openPage(device)
    await once(() => host.command(device, 0, 'refreshGate', {}))
    if (world.plan.hasServer && user !== call.principal) {
      await once(async () => {
        user = (await people.signIn(device, call.principal)) ? call.principal : null
      })
    }
    const mine = (): Known[] => openRows(site, device).filter(({ record }) => record.call.principal === call.principal)
    // Nobody says of an outcome that it is unknown while it may still be under way.
    if (mine().some(({ record }) => record.state === 'unknown')) await world.run({ untilMs: scheduler.now() + 5_000, steps: STEPS, background: true })
    for (const { record } of mine()) {
      if (record.state === 'awaiting-approval') await once(() => people.decide(device, record.key, 'approve'))
      if (record.state === 'exported') await once(() => people.resolve(device, record.key, 'retry'))
      if (record.state === 'unknown') await once(() => people.resolve(device, record.key, happened(site, record) ? 'discard' : 'retry'))
    }
    // What was built on a dead letter waits for a person's word about it.
    const sequences = new Set(mine().map(({ record }) => record.sequence))
    for (const { record, row } of site.laws.book.known.values())
      if (record.state === 'dead' && record.sequence !== null && sequences.has(record.sequence) && row.owner === first.row.owner)
        await once(() => people.resolve(device, record.key, 'discard'))
    const isStill = ({ record }: Known): boolean => record.state !== 'awaiting-approval' && record.state !== 'unknown' && !isDone(record)
    const before = site.laws.book.commits
    await world.run({ untilMs: scheduler.now() + SLICE_MS, steps: STEPS, background: true, isOver: () => !mine().some(isStill) })
    if (before !== site.laws.book.commits) still = 0
    else if (++still === 3) return
    else {
      // Nothing moved: another build, another sign-in, or nothing will move it.
      user = null
      build = -1
    }
  }
}
