/**
 * One schedule of the kill hunt: a real browser asks for work, the far end spoils requests, and the browser is killed or its worker
 * stopped with requests in flight, several times over; at the end effects are compared with receipts.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { startBrowser } from './browser-process.ts'
import type { BrowserProcess } from './browser-process.ts'
import { eventually } from './eventually.ts'
import { startFarEnd } from './hunt-far-end.ts'
import type { FarEnd } from './hunt-far-end.ts'
import { PASS, PASSING, RETOLD } from './hunt-faults.ts'
import type { BatchAnswer, HuntFault } from './hunt-faults.ts'
import { ask, compare, drained, intent } from './hunt-intents.ts'
import type { Intent } from './hunt-intents.ts'
import { drawFrom } from './hunt-random.ts'
import type { Draw } from './hunt-random.ts'
import { handOverTo } from './hunt-page.ts'
import { huntSite } from './hunt-site.ts'
import type { WorkerBuild } from './hunt-site.ts'

export const KILL_KINDS = ['browser', 'worker'] as const
export type KillKind = (typeof KILL_KINDS)[number]

export type KillPlan = {
  readonly seed: number
  readonly kills: number
  /** Which kind each kill is; drawn when absent. */
  readonly kind?: KillKind
  readonly tabs?: number
  readonly intents?: number
  /** Whether connections are kept alive. Then nothing is asked of the back end that keeps no keys: the browser itself repeats such requests. */
  readonly isReusing?: boolean
  /** Whether builds change while work waits; they do unless false. */
  readonly updates?: boolean
}

export type KillOutcome = {
  readonly seed: number
  readonly kills: number
  /** Kills that hit at least one request under way. */
  readonly inFlight: number
  readonly intents: number
  readonly effects: number
  /** Hand-overs to another build that were begun before a kill. */
  readonly updates: number
  /** Requests that came again for an effect already done, and were caught by their key. */
  readonly caught: number
  /** At-most-once effects whose answer never came: shown as `unknown`, done once or not at all, for a person to decide. */
  readonly unknown: number
  readonly lost: readonly string[]
  readonly repeated: readonly string[]
  readonly faults: Readonly<Record<string, number>>
}

/** Each intent meets at most this many faults, so that a schedule ends within its backoffs. */
const FAULTS_EACH_MAX = 2
/** Backoffs of three tries, a hanging request, and a lease that a killed worker left. */
const DRAIN_MS = 90_000
/** Latency of an unspoiled request, so that kills find some under way. */
const LATENCY_MS = 60

const KEYED = ['hunt.keyed', 'hunt.bulk', 'hunt.series'] as const
const ALL = [...KEYED, 'hunt.once'] as const

/** A batch as a whole meets a fault one time in so many; its items meet their own. */
const BATCH_ODDS = 4
const LEDGER_ODDS = 12
/** Before one kill in so many another build is deployed and handed over to; back again the next time. */
const UPDATE_ODDS = 4
const BUILDS: readonly WorkerBuild[] = ['worker', 'worker-newer']

const spoilBy = (draw: Draw): Parameters<FarEnd['spoil']>[0] => {
  const scripts = new Map<number, HuntFault[]>()
  const next = (n: number): HuntFault | undefined => {
    const script = scripts.get(n) ?? Array.from({ length: draw.below(FAULTS_EACH_MAX + 1) }, () => draw.pick(PASSING))
    scripts.set(n, script)
    return script.shift()
  }
  const refuse = (n: number): BatchAnswer | undefined => {
    const fault = next(n)
    if (fault === undefined || fault.reaches || typeof fault.answer !== 'object' || fault.answer.status < 400) return undefined
    return { status: fault.answer.status, body: { code: 'NOT_NOW' }, ...(draw.below(2) === 0 ? {} : { retry_after_s: 1 }) }
  }
  return ({ path, items }) => {
    const slow = { ...PASS, beforeMs: draw.below(LATENCY_MS), afterMs: draw.below(LATENCY_MS) }
    if (path.endsWith('/batch')) return draw.below(BATCH_ODDS) > 0 ? { ...slow, refuse } : draw.pick(draw.below(2) === 0 ? PASSING : RETOLD)
    const [n] = items
    if (n === undefined) return draw.below(LEDGER_ODDS) === 0 ? draw.pick(PASSING) : slow
    return next(n) ?? slow
  }
}

const underWay = ({ arrivals }: FarEnd): number => arrivals.filter(({ endedAt }) => endedAt === undefined).length

const kill = async (kind: KillKind, browser: BrowserProcess): Promise<void> => {
  if (kind === 'worker') return browser.stopWorkers()
  await browser.crash()
  await browser.reopen()
}

export const runKillSchedule = async (plan: KillPlan): Promise<KillOutcome> => {
  const draw = drawFrom(plan.seed)
  const tabs = plan.tabs ?? 1 + draw.below(2)
  const isReusing = plan.isReusing ?? draw.below(2) === 0
  const farEnd = await startFarEnd(await huntSite(), { isReusing })
  const browser = await startBrowser()
  const visit = async (): Promise<readonly Page[]> =>
    Promise.all(Array.from({ length: tabs }, () => browser.visit(farEnd.origin, { path: '/?user=demo' })))
  try {
    farEnd.spoil(spoilBy(draw))
    let pages = await visit()
    const all: Intent[] = []
    let owed: Intent[] = []
    let inFlight = 0
    let updates = 0
    for (let round = 0; round < plan.kills; round++) {
      const fresh = Array.from({ length: plan.intents ?? 4 + draw.below(9) }, (_, i) => {
        const action = draw.pick(isReusing ? KEYED : ALL)
        return intent(all.length + i + 1, action, action === 'hunt.series' ? { series: `s${draw.below(3)}` } : {})
      })
      all.push(...fresh)
      const arrived = farEnd.arrivals.length
      // A page that was killed before it was told asks again under the same key: that is what keys are for.
      const asking = [...owed, ...fresh]
      owed = []
      const parts = pages.map((page, t) => ({ page, part: asking.filter((_, i) => i % tabs === t) }))
      const telling = Promise.all(
        parts.map(({ page, part }) =>
          ask(page, part).then(
            ({ accepted }) => owed.push(...part.filter(({ n }) => !accepted.includes(n))),
            () => owed.push(...part),
          ),
        ),
      )
      const kind = plan.kind ?? draw.pick(KILL_KINDS)
      if (draw.below(4) > 0) await telling
      const [first] = pages
      if (plan.updates !== false && first !== undefined && draw.below(UPDATE_ODDS) === 0) {
        updates += 1
        void handOverTo(first, farEnd, BUILDS[updates % 2] ?? 'worker').catch(() => undefined)
      }
      const [atLeast, afterMs] = [1 + draw.below(fresh.length), draw.below(80)]
      await eventually('requests under way', () => farEnd.arrivals.length >= arrived + atLeast, 4_000).catch(() => undefined)
      await sleep(afterMs)
      // The moment is drawn; only when nothing happens to be under way then, the next request is waited for.
      await eventually('a request under way', () => underWay(farEnd) > 0, 1_500).catch(() => undefined)
      if (underWay(farEnd) > 0) inFlight += 1
      await kill(kind, browser)
      await telling
      if (kind === 'browser') pages = await visit()
    }
    const [page] = pages
    if (page === undefined) throw new Error('a schedule needs a tab')
    if (owed.length > 0) await ask(page, owed)
    const receipts = await drained(page, all, DRAIN_MS)
    // A second effect may come late: by a request that was under way, or a tab that woke.
    await sleep(500)
    return {
      seed: plan.seed,
      kills: plan.kills,
      inFlight,
      updates,
      intents: all.length,
      effects: farEnd.backEnd.effects.length,
      caught: farEnd.backEnd.repeatsCaught(),
      unknown: receipts.filter((receipt) => receipt?.status === 'unknown').length,
      ...compare(farEnd, all, receipts),
      faults: Object.fromEntries(farEnd.faults),
    }
  } finally {
    await browser.end()
    await farEnd.close()
  }
}
