import type { Actions } from '../../sw/ports/action.ts'
import type { HttpBatchOutcome, HttpOutcome } from '../../sw/ports/http-effect.ts'
import type { Directories } from '../policy/lane-rules.ts'
import * as LIMITS from '../protocol/limits.ts'
import { createAccounts } from './accounts.ts'
import { createBook } from './book.ts'
import type { Device } from './device.ts'
import { emptyDisk } from './disk.ts'
import { answerOf } from './effect-faults.ts'
import { createFarEnd } from './far-end.ts'
import type { Host } from './host.ts'
import { createLaws } from './laws.ts'
import type { GateWord, Plan } from './plan.ts'
import { createSharedLedger } from './shared-ledger.ts'
import type { EffectRoute, Site } from './site.ts'
import { createWorld, EPOCH } from './world.ts'

const DAY_MS = 86_400_000

const routesOf = (builds: readonly Actions[]): ReadonlyMap<string, EffectRoute> => {
  const routes = new Map<string, EffectRoute>()
  for (const actions of builds) {
    for (const [action, { effect }] of Object.entries(actions)) {
      if (effect.kind === 'page') routes.set(`page:${effect.name}`, { action, keyed: false, hasAnswer: false })
      if (effect.kind !== 'http') continue
      routes.set(effect.url, { action, keyed: effect.keyed, hasAnswer: effect.answer !== undefined })
      if (effect.batch) routes.set(effect.batch.url, { action, keyed: true, hasAnswer: effect.answer !== undefined })
    }
  }
  return routes
}

const createDevice = (plan: Plan, index: number, now: () => number): Device => {
  const device: Device = {
    index,
    disk: emptyDisk(`${plan.seed}/disk/${index}`),
    pages: [],
    workers: [null, null],
    locks: new Map(),
    skewMs: 0,
    isUp: true,
    build: 0,
    marker: false,
    syncTries: 0,
    wasEvicted: false,
    untouchable: new Map(),
    isOnline: () => device.isUp,
    now: () => EPOCH + now() + device.skewMs,
  }
  return device
}

/** A world with its far ends and devices, and nothing running yet. */
export function createSite(options: { plan: Plan; builds: readonly Actions[]; directories: Directories; textSeed: string; host: () => Host }): Site {
  const { plan, builds } = options
  const world = createWorld(plan, options.textSeed)
  const { scheduler, rng } = world
  const book = createBook()
  const effects = routesOf(builds)
  const site: Site = {
    world,
    laws: createLaws(() => site, book),
    far: createFarEnd(
      () => scheduler.now(),
      (url) => effects.get(url)?.action ?? url,
    ),
    accounts: createAccounts(() => scheduler.now()),
    ledger: createSharedLedger(() => scheduler.now()),
    devices: plan.devices.map((_device, index) => createDevice(plan, index, () => scheduler.now())),
    builds,
    directories: options.directories,
    effects,
    pageRuns: new Map(),
    mark(device) {
      if (device.marker || plan.devices[device.index]?.hasSync !== true) return
      device.marker = true
      const delay = device.syncTries === 0 ? 1_000 + rng.int(30_000) : 300_000 * device.syncTries
      const fire = (): void => {
        if (!device.marker) return
        if (device.isUp) options.host().sync(device)
        else scheduler.add(60_000, fire, { background: true })
      }
      scheduler.add(delay, fire, { background: true })
    },
    async fetchDocument(worker, exchange) {
      const said = await exchange<{ version: number; action: GateWord; issued: string; expires: string } | { enabled: string } | undefined>(
        'flag',
        'document',
        { timeoutMs: LIMITS.flagTimeoutMs },
        (fault) => {
          if (fault) world.count(`flag ${fault.kind}`)
          const at = EPOCH + scheduler.now()
          const { version, action } = world.flag
          const document = { version, action, issued: new Date(at).toISOString(), expires: new Date(at + 100 * 365 * DAY_MS).toISOString() }
          if (fault?.kind === 'junk') return { enabled: 'maybe' }
          if (fault?.kind === 'old') return { ...document, version: Math.max(1, version - 1), action: 'run' as const }
          return fault ? undefined : document
        },
        () => undefined,
      )
      if (said !== undefined && 'issued' in said && said.version === world.flag.version) site.laws.onGateOffered(worker, said)
      return said
    },
    async sendBatch(worker, exchange, { url, items, token }) {
      const outcome = await exchange<HttpBatchOutcome>(
        'far',
        `${url} ${items.map(({ key }) => key).join(',')}`,
        { timeoutMs: LIMITS.effectTimeoutMs },
        (fault): HttpBatchOutcome => {
          if (site.accounts.owner(token) === null && plan.hasServer) return { kind: 'answer', status: 401, body: {} }
          if (fault && fault.kind !== 'twice') {
            const whole = items.map(({ key, params }) => answerOf(site, worker, { url, key, params, token, isKeyed: true }, fault))
            const first = whole[0]
            if (first) return first
          }
          const byKey = new Map<string, HttpOutcome>()
          for (const { key, params } of items) {
            const mine = world.fault('item')
            // Done, and not said so: left out, said twice and differently (which the adapter tells as nothing), or said of another key.
            if (mine?.kind === 'omit' || mine?.kind === 'contradict' || mine?.kind === 'stranger') {
              world.count(`item ${mine.kind}`)
              const done = site.far.receive({ url, isKeyed: true, key, params, owner: site.accounts.owner(token) ?? 'local' })
              if (mine.kind === 'stranger') byKey.set(`${key} of another`, done)
            } else {
              if (mine) world.count(`item ${mine.kind}`)
              byKey.set(key, answerOf(site, worker, { url, key, params, token, isKeyed: true }, mine))
            }
          }
          return { kind: 'answers', byKey: rng.chance(0.5) ? byKey : new Map([...byKey].toReversed()) }
        },
        () => ({ kind: 'lost' }),
      )
      site.laws.onAnswered(worker)
      for (const { key } of items) {
        const one = outcome.kind === 'answers' ? (outcome.byKey.get(key) ?? { kind: 'unreadable' as const, status: 200 }) : outcome
        site.laws.onAnswer(worker, key, token, one)
      }
      return outcome
    },
  }
  return site
}
