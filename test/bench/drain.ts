import type { BrowserContext, Page } from 'playwright-core'
import type { TestStack } from '../db/support/test-stack.ts'
import { openStack } from './bench-stack.ts'
import { withBrowser } from './browser.ts'
import { laneOf, openSides, SIDES, type Side } from './drain-sides.ts'
import type { Figures, Measure } from './figures.ts'
import type { Setting } from './setting.ts'
import { percentile, ratio, rounded } from './stats.ts'

/** One by one over the slow link, a request may take this long before the drain counts as stuck. */
const EACH_MS = 200
const START_MS = 30_000
const REST_MS = 400

/** These send one after the other: over the slow link one drain of each says it all. */
const IN_TURN: ReadonlySet<Side> = new Set<Side>(['workbox', 'serwist', 'tanstack'])

/** Fills the side's store while nothing is sent, lets it go, and gives the time until the far end saw the last effect; `null` for another way of sending than asked for. */
const drainOnce = async ({ site, plan }: Setting, page: Page, side: Side, prefix: string, linkMs: number): Promise<number | null> => {
  const count = plan.drainItems
  const name = laneOf(side)
  const lane = site.farEnd.fresh(name)
  await page.bringToFront()
  const isRaw = side.startsWith('raw')
  if (side.startsWith('ours') || side === 'tanstack') await page.evaluate('hold()')
  if (!isRaw) await page.evaluate(`queue.fill('${prefix}', ${count}, '${name}')`)
  if (lane.requests > 0) throw new Error(`${side} sent before it was let go`)
  site.linkMs(linkMs)
  try {
    const start = performance.now()
    // Nobody waits for the page's word: the far end's clock decides.
    const sending = page.evaluate(
      isRaw ? `void raw.${side === 'raw_batch' ? 'batch' : 'parallel'}('${prefix}', ${count}, '${name}')` : 'queue.release()',
    )
    sending.catch(() => undefined)
    if (!(await lane.reaches(count, START_MS + count * (linkMs + EACH_MS)))) throw new Error(`${side} brought ${lane.effects.size} of ${count}`)
    const took = lane.lastEffectAt - start
    await sending
    return side.startsWith('ours_batch') && lane.requests >= count ? null : took
  } finally {
    site.linkMs(0)
    // Completions and bookkeeping of one side must not slow the next one down.
    await site.quiet(REST_MS, REST_MS * 20)
  }
}

type Times = Readonly<Record<Side, readonly number[]>>

const drainAll = async (setting: Setting, context: BrowserContext, linkMs: number, hasLedger: boolean): Promise<Times> => {
  const all = Object.fromEntries(SIDES.map((side) => [side, [] as number[]])) as Record<Side, number[]>
  const sides = await openSides(setting, context, hasLedger)
  for (let round = 0; round < setting.plan.drains; round++) {
    for (const [side, page] of sides) {
      if (round > 0 && linkMs > 0 && IN_TURN.has(side)) continue
      setting.progress(`P3: ${side}, ${linkMs} ms, round ${round + 1}`)
      const took = await drainOnce(setting, page, side, `${side}-${linkMs}-${round}-`, linkMs)
      if (took !== null) all[side].push(took)
    }
  }
  return all
}

/** The local server for the sides with a ledger; `null` in a short run. */
const openLedger = async ({ site, plan }: Setting): Promise<TestStack | null> => {
  if (!plan.drainsWithLedger) return null
  const stack = await openStack()
  site.attach((request) => stack.handle(request))
  return stack
}

const figures = (times: Times, sides: readonly Side[], linkMs: number): Figures =>
  Object.fromEntries(
    sides.filter((side) => times[side].length > 0).map((side) => [`${side}_link${linkMs}_ms`, rounded(percentile(times[side], 0.5))]),
  )

/** P3: from the word to go until the far end saw the last effect of all items, every side from its own store. */
export const measureDrain = async (setting: Setting): Promise<Measure> => {
  let ours: Figures = { items: setting.plan.drainItems }
  let peers: Figures = {}
  let met = true
  const times = new Map<number, Times>()
  const ledger = await openLedger(setting)
  try {
    for (const linkMs of setting.plan.linksMs) times.set(linkMs, await withBrowser((context) => drainAll(setting, context, linkMs, ledger !== null)))
  } finally {
    setting.site.attach(null)
    await ledger?.remove()
  }
  for (const [linkMs, seen] of times) {
    const median = (side: Side): number | null => (seen[side].length > 0 ? percentile(seen[side], 0.5) : null)
    const [single, batch, raw, rawBatch, workbox] = [
      median('ours_single'),
      median('ours_batch'),
      median('raw_parallel'),
      median('raw_batch'),
      median('workbox'),
    ]
    if (single === null || raw === null || workbox === null || rawBatch === null) throw new Error('a side has no figure')
    ours = {
      ...ours,
      ...figures(seen, ['ours_single', 'ours_batch', 'ours_single_with_ledger', 'ours_batch_with_ledger'], linkMs),
      [`single_link${linkMs}_times_raw_parallel`]: rounded(ratio(single, raw)),
      ...(batch === null ? {} : { [`batch_link${linkMs}_times_workbox`]: Math.round(ratio(batch, workbox) * 10_000) / 10_000 }),
      ...(batch === null ? {} : { [`batch_link${linkMs}_times_raw_batch`]: rounded(ratio(batch, rawBatch)) }),
    }
    peers = { ...peers, ...figures(seen, ['raw_parallel', 'raw_batch', 'workbox', 'serwist', 'tanstack'], linkMs) }
    if (linkMs > 0) met &&= ratio(single, raw) <= 1.25 && batch !== null && ratio(batch, workbox) <= 0.02
  }
  return { ours, peers, must: 'over 50 ms: batch route ≤ Workbox / 50; any HTTP API ≤ 1.25 × raw six-parallel', met }
}
