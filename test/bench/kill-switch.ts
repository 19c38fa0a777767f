import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext, Page } from 'playwright-core'
import type { TestStack } from '../db/support/test-stack.ts'
import { loadKillKeys } from '../../supabase/local/kill-keys.ts'
import { openStack } from './bench-stack.ts'
import type { Measure } from './figures.ts'
import { openPage } from './open-page.ts'
import type { Setting } from './setting.ts'
import { percentile, rounded } from './stats.ts'

const PER_SECOND = 20
const RUN_MS = 1_500
/** Watched after a kill; a later effect is found by the next look, at the latest when the run ends. */
const WATCH_MS = 2_500
const RESUME_MS = 60_000
const LANE = 'ours-single'
/** Effects are under way for so long, so that a kill finds some: without a link the last one has mostly happened before the commit. */
const LINK_MS = 50

/** When the document was committed, by the database's clock, on `performance.now()`'s. */
const flip = async (stack: TestStack, action: 'kill' | 'run'): Promise<number> => {
  const { status, body } = await stack.call('PUT', '/functions/v1/maestro-flag', { body: { action }, token: stack.adminToken })
  if (status !== 200) throw new Error(`the flip was answered ${status}`)
  return Date.parse(String(body['issued'])) - performance.timeOrigin
}

/** Twenty intents a second in the page until told to stop; gives the keys that were taken. */
const startIntents = (page: Page, round: number): Promise<unknown> =>
  page.evaluate(`void (() => {
    globalThis.taken ??= []
    let n = 0
    globalThis.ticking = setInterval(async () => {
      const key = 'kill-${round}-' + n++
      const { status } = await client.execute('bench.single', intent, { key })
      if (status === 'queued' || status === 'done' || status === 'held') taken.push(key)
    }, ${1_000 / PER_SECOND})
  })()`)

/** P8: the document is committed; when does the far end see the last effect, with a page open and work coming in. */
export const measureKill = async (context: BrowserContext, { site, plan, progress }: Setting): Promise<Measure> => {
  const stack = await openStack()
  try {
    site.attach((request) => stack.handle(request))
    const { pinned } = await loadKillKeys(stack.dataDir)
    const page = await openPage(context, `${site.origin}/ours-kill/page?${new URLSearchParams(pinned).toString()}`, 'client')
    const refused = await page.evaluate<unknown>(`client.signIn({ email: 'demo@example.com', password: 'demo' })`)
    if (refused !== null) throw new Error(`sign-in was refused: ${JSON.stringify(refused)}`)
    const lane = site.farEnd.fresh(LANE)
    site.linkMs(LINK_MS)
    const late: number[] = []
    for (let kill = 0; kill < plan.kills; kill++) {
      progress(`P8: kill ${kill + 1} of ${plan.kills}`)
      const before = lane.effects.size
      await startIntents(page, kill)
      await sleep(RUN_MS)
      if (lane.effects.size === before) throw new Error('no work ran before the kill')
      const committed = await flip(stack, 'kill')
      await sleep(WATCH_MS)
      late.push(Math.max(0, lane.lastEffectAt - committed))
      await page.evaluate('clearInterval(ticking)')
      await flip(stack, 'run')
      await page.evaluate('client.refreshGate()')
      await lane.quiet(300, 5_000)
    }
    const taken = await page.evaluate<readonly string[]>('taken')
    for (const until = performance.now() + RESUME_MS; performance.now() < until; await sleep(100))
      if (taken.every((key) => lane.effects.has(key))) break
    const dropped = taken.filter((key) => !lane.effects.has(key)).length
    const repeated = [...lane.effects.values()].filter((count) => count > 1).length
    const p99 = percentile(late, 0.99)
    return {
      ours: {
        last_effect_p50_ms: rounded(percentile(late, 0.5)),
        last_effect_p99_ms: rounded(p99),
        kills: late.length,
        kills_with_effects_under_way: late.filter((ms) => ms > 0).length,
        intents_taken: taken.length,
        intents_dropped: dropped,
        effects_repeated: repeated,
      },
      peers: {},
      must: 'p99 < 1,000 ms, no intent dropped',
      met: p99 < 1_000 && dropped === 0,
    }
  } finally {
    site.linkMs(0)
    site.attach(null)
    await stack.remove()
  }
}
