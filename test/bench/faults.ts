/**
 * What is lost and what happens twice: the same faults for every side, each in a browser and against a far end of its own.
 * Nothing is timed here, so several run at once.
 */
import type { Page } from 'playwright-core'
import { setTimeout as sleep } from 'node:timers/promises'
import { withBrowser, type BenchBrowser } from './browser.ts'
import type { FarLane } from './far-end.ts'
import type { Figures, Measure } from './figures.ts'
import { isClean } from './is-clean.ts'
import { openPage } from './open-page.ts'
import type { Setting } from './setting.ts'

const SIDES = ['ours', 'workbox', 'serwist', 'tanstack'] as const
type Side = (typeof SIDES)[number]

const AT_ONCE = 4
const IN_FLIGHT = 12
const ANSWERS = 6
const FAILURES = 3
const NEIGHBOURS = 5
/** Long enough for a few steps of everybody's backoff. */
const PATIENCE_MS = 6_000
const QUIET_MS = 400

type Scene = {
  readonly side: Side
  readonly lane: FarLane
  readonly name: string
  readonly page: Page
  readonly browser: BenchBrowser
  readonly open: () => Promise<Page>
}

const effectsOf = ({ effects }: FarLane): number => [...effects.values()].reduce((sum, count) => sum + count, 0)

/** Lets the side try again, as the browser's later wake-ups would, until `keys` keys had their effect, nothing waits, or patience ends. */
const settle = async ({ side, lane }: Scene, page: Page, keys: number): Promise<void> => {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until;) {
    await lane.quiet(QUIET_MS, PATIENCE_MS)
    if (lane.effects.size >= keys) break
    if (side === 'ours') await sleep(100)
    else {
      if ((await page.evaluate<number>('queue.waiting()')) === 0) break
      await page.evaluate('queue.release()')
    }
  }
  await lane.quiet(QUIET_MS * 2, PATIENCE_MS)
}

/** Twelve are sent and unanswered when the whole browser is killed; how many never happen, how often does one happen again. */
const killed = async (scene: Scene): Promise<Figures> => {
  const { lane, page, browser, open, name } = scene
  lane.fate = () => 'hold'
  await page.evaluate(`queue.fill('kill-', ${IN_FLIGHT}, '${name}', ${IN_FLIGHT})`)
  for (let waited = 0; lane.requests === 0 && waited < PATIENCE_MS; waited += 20) await sleep(20)
  await lane.quiet(QUIET_MS, PATIENCE_MS)
  await browser.crash()
  lane.fate = () => 'ok'
  await browser.reopen()
  const again = await open()
  // What the browser itself wakes comes within a second or two.
  await lane.reaches(IN_FLIGHT, 3_000)
  await settle(scene, again, IN_FLIGHT)
  return {
    [`lost_at_kill_of_${IN_FLIGHT}`]: IN_FLIGHT - lane.effects.size,
    [`repeated_at_kill_of_${IN_FLIGHT}`]: effectsOf(lane) - lane.effects.size,
  }
}

type Memory = 'keyed' | 'keyless' | 'keyless_reused_connection'

/** The effect happens, the connection ends without an answer. */
const unanswered = async (scene: Scene, memory: Memory): Promise<Figures> => {
  const { lane, page, name } = scene
  lane.keepsKeys = memory === 'keyed'
  lane.fate = (_key, arrival) => (arrival === 1 ? 'lose-answer' : 'ok')
  await page.evaluate(`queue.fill('lost-', ${ANSWERS}, '${name}', ${ANSWERS})`)
  await lane.reaches(ANSWERS, PATIENCE_MS)
  // Every key has had its effect: what follows are the repeats.
  for (let i = 0; i < 4; i++) {
    await lane.quiet(QUIET_MS, PATIENCE_MS)
    if ((await page.evaluate<number>('queue.waiting()')) === 0) break
    if (scene.side === 'ours') await sleep(800)
    else await page.evaluate('queue.release()')
  }
  await lane.quiet(QUIET_MS * 2, PATIENCE_MS)
  return { [`effects_per_lost_answer_${memory}`]: Math.round((effectsOf(lane) / ANSWERS) * 100) / 100 }
}

/** The far end fails once with 500 and does nothing. */
const failed = async (scene: Scene): Promise<Figures> => {
  const { lane, page, name } = scene
  lane.fate = (_key, arrival) => (arrival === 1 ? 500 : 'ok')
  await page.evaluate(`queue.fill('fail-', ${FAILURES}, '${name}', ${FAILURES})`)
  await settle(scene, page, FAILURES)
  return { [`lost_after_http_500_of_${FAILURES}`]: FAILURES - lane.effects.size }
}

/** The first of one queue can never be delivered; how many of its independent neighbours are. */
const poisoned = async (scene: Scene, poison: 'refuse' | 500): Promise<Figures> => {
  const { lane, page, name } = scene
  lane.fate = (key) => (key === 'poison-0' ? poison : 'ok')
  await page.evaluate(`queue.fill('poison-', ${NEIGHBOURS + 1}, '${name}')`)
  await settle(scene, page, NEIGHBOURS)
  return { [`neighbours_blocked_by_${poison === 500 ? 'http_500' : 'reset'}_of_${NEIGHBOURS}`]: NEIGHBOURS - lane.effects.size }
}

/** A second tab stores while the far end refuses; then the browser is killed and everything works again. */
const secondTab = async (scene: Scene): Promise<Figures> => {
  const { lane, browser, open, name } = scene
  lane.fate = () => 'refuse'
  const second = await open()
  // A side that does not store what it cannot send never says that it has.
  await Promise.race([second.evaluate(`queue.fill('tab-', ${FAILURES}, '${name}')`).catch(() => undefined), sleep(PATIENCE_MS)])
  await lane.quiet(QUIET_MS, PATIENCE_MS)
  await browser.crash()
  lane.fate = () => 'ok'
  await browser.reopen()
  const again = await open()
  await settle(scene, again, FAILURES)
  return { [`lost_from_second_tab_of_${FAILURES}`]: FAILURES - lane.effects.size }
}

type Scenario = {
  readonly oursKeyless?: true
  readonly hasFreshConnections?: true
  readonly isQuick?: true
  readonly run: (scene: Scene) => Promise<Figures>
}

const SCENARIOS: readonly Scenario[] = [
  { isQuick: true, run: killed },
  { isQuick: true, run: (scene) => unanswered(scene, 'keyed') },
  { oursKeyless: true, hasFreshConnections: true, run: (scene) => unanswered(scene, 'keyless') },
  { oursKeyless: true, run: (scene) => unanswered(scene, 'keyless_reused_connection') },
  { isQuick: true, run: failed },
  { isQuick: true, run: (scene) => poisoned(scene, 'refuse') },
  { run: (scene) => poisoned(scene, 500) },
  { run: secondTab },
]

const play = async (setting: Setting, side: Side, { oursKeyless, hasFreshConnections, run }: Scenario): Promise<Figures> => {
  const site = await setting.openSite()
  if (hasFreshConnections) site.endConnections()
  try {
    return await withBrowser(async (_, browser) => {
      const folder = side === 'ours' ? 'ours' : `${side}-faults`
      const open = (): Promise<Page> => openPage(browser.context, `${site.origin}/${folder}/page`, 'queue')
      const name = side !== 'ours' ? side : oursKeyless ? 'ours-keyless' : 'ours-single'
      return run({ side, name, lane: site.farEnd.fresh(name), page: await open(), browser, open })
    })
  } finally {
    site.close()
  }
}

export const measureFaults = async (setting: Setting): Promise<Measure> => {
  const { peers, plan, progress } = setting
  const sides = SIDES.filter((side) => side === 'ours' || side === 'workbox' || peers.has(side))
  const tasks = SCENARIOS.filter(({ isQuick }) => isQuick || plan.allFaults).flatMap((scenario) => sides.map((side) => ({ side, scenario })))
  const found = new Map<Side, Record<string, number | Figures>>(sides.map((side) => [side, {}]))
  const queue = [...tasks]
  const work = async (): Promise<void> => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      const { side, scenario } = task
      const figures = await play(setting, side, scenario)
      progress(`faults: ${side} ${JSON.stringify(figures)}`)
      Object.assign(found.get(side) ?? {}, figures)
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, work))
  for (const end of ended) if (end.status === 'rejected') throw end.reason
  const ours: Figures = found.get('ours') ?? {}
  return {
    ours,
    peers: Object.fromEntries(sides.filter((side) => side !== 'ours').map((side) => [side, found.get(side) ?? {}])),
    must: 'ours: nothing lost, nothing repeated, nobody blocked, one effect per lost answer (the browser’s own repeats on reused connections aside)',
    met: isClean(ours),
  }
}
