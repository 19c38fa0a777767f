import type { BrowserContext, Page } from 'playwright-core'
import type { Figures, Measure } from './figures.ts'
import { openPage } from './open-page.ts'
import type { Setting } from './setting.ts'
import { percentile, ratio, rounded } from './stats.ts'

const PEERS = ['workbox', 'bare', 'serwist', 'tanstack'] as const
type Side = 'ours' | (typeof PEERS)[number]

const WARM_UP = 20
const BURST = 500

const open = async (context: BrowserContext, origin: string, side: Side): Promise<Page> => {
  const page = await openPage(context, `${origin}/${side}/page`, 'bench')
  await page.evaluate(`bench.one(${WARM_UP})`)
  return page
}

/** Every side in turn, round after round, so that a slow moment of the machine hits all of them. */
const interleaved = async <T>(pages: ReadonlyMap<Side, Page>, rounds: number, call: string): Promise<ReadonlyMap<Side, readonly T[]>> => {
  const sides = [...pages.keys()]
  const all = new Map<Side, T[]>(sides.map((side) => [side, []]))
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < sides.length; i++) {
      const side = sides[(i + round) % sides.length] ?? 'ours'
      const page = pages.get(side)
      if (!page) continue
      await page.bringToFront()
      all.get(side)?.push(await page.evaluate<T>(call))
    }
  }
  return all
}

const spread = (samples: readonly number[]) => ({ p50_ms: rounded(percentile(samples, 0.5)), p95_ms: rounded(percentile(samples, 0.95)) })

/** P1 and P2: warm enqueues, one at a time and 500 at once. */
export const measureEnqueue = async (
  context: BrowserContext,
  { site, plan, peers }: Setting,
): Promise<{ readonly P1: Measure; readonly P2: Measure }> => {
  const present = PEERS.filter((side) => (side !== 'serwist' && side !== 'tanstack') || peers.has(side))
  const pages = new Map<Side, Page>()
  for (const side of ['ours', ...present] as const) pages.set(side, await open(context, site.origin, side))

  const ones = await interleaved<readonly number[]>(pages, plan.rounds, `bench.one(${plan.samplesPerRound})`)
  const one = (side: Side) => spread((ones.get(side) ?? []).flat())
  const [ours, workbox, bare] = [one('ours'), one('workbox'), one('bare')]
  const P1: Measure = {
    ours: {
      ...ours,
      samples: (ones.get('ours') ?? []).flat().length,
      p50_times_workbox: rounded(ratio(ours.p50_ms, workbox.p50_ms)),
      p95_times_workbox: rounded(ratio(ours.p95_ms, workbox.p95_ms)),
      p50_times_bare: rounded(ratio(ours.p50_ms, bare.p50_ms)),
    },
    peers: Object.fromEntries(present.map((side) => [side, one(side)])),
    must: 'p50 and p95 ≤ 0.75 × Workbox; p50 ≤ 2 × bare RPC + strict put',
    met: ratio(ours.p50_ms, workbox.p50_ms) <= 0.75 && ratio(ours.p95_ms, workbox.p95_ms) <= 0.75 && ratio(ours.p50_ms, bare.p50_ms) <= 2,
  }

  const bursts = await interleaved<number>(pages, plan.bursts, `bench.burst(${BURST})`)
  const median = (side: Side): number => rounded(percentile(bursts.get(side) ?? [], 0.5))
  const times = ratio(median('ours'), median('workbox'))
  const burstOf = (side: Side): Figures => ({ burst500_ms: median(side) })
  const P2: Measure = {
    ours: { ...burstOf('ours'), bursts: plan.bursts, times_workbox: rounded(times) },
    peers: Object.fromEntries(present.map((side) => [side, burstOf(side)])),
    must: '≤ 0.20 × Workbox',
    met: times <= 0.2,
  }
  return { P1, P2 }
}
