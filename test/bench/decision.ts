import type { BrowserContext } from 'playwright-core'
import type { Measure } from './figures.ts'
import { openPage } from './open-page.ts'
import type { Setting } from './setting.ts'
import { percentile, ratio } from './stats.ts'

const fine = (value: number): number => Math.round(value * 10_000) / 10_000

/** P9: one GREEN decision in the worker, against the whole enqueue of the same run. */
export const measureDecision = async (context: BrowserContext, { site, plan }: Setting, enqueueP50Ms: number): Promise<Measure> => {
  const page = await openPage(context, `${site.origin}/decision/page`, 'decide')
  // The first call warms the code up and is not counted.
  await page.evaluate(`decide(${plan.decisions})`)
  const times = await page.evaluate<readonly number[]>(`decide(${plan.decisions})`)
  const p95 = percentile(times, 0.95)
  return {
    ours: {
      p50_ms: fine(percentile(times, 0.5)),
      p95_ms: fine(p95),
      decisions: times.length,
      enqueue_p50_ms: enqueueP50Ms,
      p95_times_enqueue_p50: fine(ratio(p95, enqueueP50Ms)),
    },
    peers: {},
    must: 'p95 ≤ 0.25 × P1’s p50',
    met: ratio(p95, enqueueP50Ms) <= 0.25,
  }
}
