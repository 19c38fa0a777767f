import type { BrowserContext, Page } from 'playwright-core'
import type { Measure } from './figures.ts'
import type { Plan } from './plan.ts'
import { percentile, ratio, rounded } from './stats.ts'

const SIDES = ['ours', 'workbox', 'bare'] as const
type Side = (typeof SIDES)[number]

const WARM_UP = 20
const BURST = 500

const open = async (context: BrowserContext, origin: string, side: Side): Promise<Page> => {
  const page = await context.newPage()
  await page.goto(`${origin}/${side}/page`)
  await page.waitForFunction('"bench" in globalThis', undefined, { timeout: 30_000 })
  await page.evaluate(`bench.one(${WARM_UP})`)
  return page
}

/** Every side in turn, round after round, so that a slow moment of the machine hits all of them. */
const interleaved = async <T>(pages: Readonly<Record<Side, Page>>, rounds: number, call: string): Promise<Readonly<Record<Side, readonly T[]>>> => {
  const all: Record<Side, T[]> = { ours: [], workbox: [], bare: [] }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < SIDES.length; i++) {
      const side = SIDES[(i + round) % SIDES.length] ?? 'ours'
      await pages[side].bringToFront()
      all[side].push(await pages[side].evaluate<T>(call))
    }
  }
  return all
}

const spread = (samples: readonly number[]) => ({ p50_ms: rounded(percentile(samples, 0.5)), p95_ms: rounded(percentile(samples, 0.95)) })

/** P1 and P2: warm enqueues, one at a time and 500 at once. */
export const measureEnqueue = async (
  context: BrowserContext,
  origin: string,
  plan: Plan,
): Promise<{ readonly P1: Measure; readonly P2: Measure }> => {
  const pages = {
    ours: await open(context, origin, 'ours'),
    workbox: await open(context, origin, 'workbox'),
    bare: await open(context, origin, 'bare'),
  }

  const ones = await interleaved<number[]>(pages, plan.rounds, `bench.one(${plan.samplesPerRound})`)
  const [ours, workbox, bare] = [spread(ones.ours.flat()), spread(ones.workbox.flat()), spread(ones.bare.flat())]
  const P1: Measure = {
    ours: {
      ...ours,
      samples: ones.ours.flat().length,
      p50_times_workbox: rounded(ratio(ours.p50_ms, workbox.p50_ms)),
      p95_times_workbox: rounded(ratio(ours.p95_ms, workbox.p95_ms)),
      p50_times_bare: rounded(ratio(ours.p50_ms, bare.p50_ms)),
    },
    peers: { workbox, bare },
    must: 'p50 and p95 ≤ 0.75 × Workbox; p50 ≤ 2 × bare RPC + strict put',
    met: ratio(ours.p50_ms, workbox.p50_ms) <= 0.75 && ratio(ours.p95_ms, workbox.p95_ms) <= 0.75 && ratio(ours.p50_ms, bare.p50_ms) <= 2,
  }

  const bursts = await interleaved<number>(pages, plan.bursts, `bench.burst(${BURST})`)
  const median = (side: Side): number => rounded(percentile(bursts[side], 0.5))
  const times = ratio(median('ours'), median('workbox'))
  const P2: Measure = {
    ours: { burst500_ms: median('ours'), bursts: bursts.ours.length, times_workbox: rounded(times) },
    peers: { workbox: { burst500_ms: median('workbox') }, bare: { burst500_ms: median('bare') } },
    must: '≤ 0.20 × Workbox',
    met: times <= 0.2,
  }
  return { P1, P2 }
}
