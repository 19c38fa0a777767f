import type { BrowserContext, Page } from 'playwright-core'
import type { Figures } from './figures.ts'
import { openPage } from './open-page.ts'
import type { Setting } from './setting.ts'
import { percentile, ratio, rounded } from './stats.ts'
import { createStop } from './stop-workers.ts'

const SMALL = 1_000
const MILLION = 1_000_000
/** The newest receipts, which are real: more than a started worker keeps in memory, so that lookups reach the disk. */
const REAL = 700
const MOST_GROWTH = 1.5

type Seen = { readonly claims: number[]; readonly lookups: number[]; readonly starts: number[] }

export type Growth = { readonly figures: Figures; readonly met: boolean }

const grown = async (context: BrowserContext, stop: () => Promise<void>, origin: string, count: number): Promise<Page> => {
  const page = await openPage(context, `${origin}/ours/page`, 'growth')
  await page.evaluate(`growth.copy(${count - REAL - 1})`)
  await stop()
  await page.evaluate(`growth.seed(${REAL})`)
  const there = await page.evaluate<number>('growth.count()')
  if (there !== count) throw new Error(`the ledger has ${there} receipts instead of ${count}`)
  return page
}

/** P6 in the browser: the same work in ledgers of different size, side by side in one browser, each under an origin of its own. */
export const measureGrowth = async (context: BrowserContext, { site, plan, million, progress }: Setting): Promise<Growth> => {
  const { receipts, rounds, samplesPerRound, starts } = plan.growth
  const sizes = [SMALL, receipts, ...(million ? [MILLION] : [])]
  const seen = new Map<number, Seen>()
  const origins = new Map<number, string>()
  const pages = new Map<number, Page>()
  const blank = await context.newPage()
  const stop = await createStop(await context.newCDPSession(blank))
  for (const size of sizes) {
    progress(`P6: growing a ledger to ${size} receipts`)
    const origin = await site.another()
    origins.set(size, origin)
    seen.set(size, { claims: [], lookups: [], starts: [] })
    await (await grown(context, stop, origin, size)).close()
  }
  // What growing left in the workers' memory must not answer for the disk.
  await stop()
  for (const [size, origin] of origins) pages.set(size, await openPage(context, `${origin}/ours/page`, 'growth'))
  progress('P6: claims and lookups')
  for (let round = 0; round <= rounds; round++) {
    for (const [size, page] of pages) {
      await page.bringToFront()
      const claims = await page.evaluate<readonly number[]>(`growth.claims(${samplesPerRound})`)
      const lookups = await page.evaluate<readonly number[]>(`growth.lookups(${round * samplesPerRound}, ${samplesPerRound})`)
      // The first round warms up.
      if (round === 0) continue
      seen.get(size)?.claims.push(...claims)
      seen.get(size)?.lookups.push(...lookups)
    }
  }
  for (const page of pages.values()) await page.close()
  progress('P6: cold starts')
  for (const [size, origin] of origins) pages.set(size, await openPage(context, `${origin}/ours/cold`, 'isReady'))
  for (let i = 0; i <= starts; i++) {
    for (const [size, page] of pages) {
      await stop()
      const took = await page.evaluate<number>(`ask('hello')`)
      if (i > 0) seen.get(size)?.starts.push(took)
    }
  }

  const p50 = (size: number, what: keyof Seen): number => percentile(seen.get(size)?.[what] ?? [], 0.5)
  const figures: Record<string, number> = {}
  let met = true
  for (const size of sizes) {
    for (const what of ['claims', 'lookups', 'starts'] as const) {
      const name = what.slice(0, -1)
      figures[`${name}_at_${size}_p50_ms`] = rounded(p50(size, what))
      if (size === SMALL) continue
      const times = ratio(p50(size, what), p50(SMALL, what))
      figures[`${name}_at_${size}_times_${SMALL}`] = rounded(times)
      met &&= times <= MOST_GROWTH
    }
  }
  return { figures, met }
}
