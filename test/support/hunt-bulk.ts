/** A browser with very many waiting items: fills it while offline, starts it again, drains it, and kills it half-way. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { startBrowser } from './browser-process.ts'
import { eventually } from './eventually.ts'
import { startFarEnd } from './hunt-far-end.ts'
import type { FarEnd } from './hunt-far-end.ts'
import { PASS } from './hunt-faults.ts'
import { huntSite } from './hunt-site.ts'
import { snapshotOf } from './in-page.ts'
import type { MaestroWindow } from './in-page.ts'
import { longTasksSinceConnected, seesPlantedBlock, WATCH_LONG_TASKS } from './long-tasks.ts'

/** Asked at once by one page; more would only wait in line. */
const BURST = 500
const PLANTED_MS = 80
const DRAIN_MS = 120_000

export type BulkOutcome = {
  readonly items: number
  /** Accepted by `execute` as waiting. */
  readonly accepted: number
  /** Waiting, as the first snapshot after the restart said. */
  readonly shown: number
  readonly effectsAtKill: number
  /** Effects with different numbers, and effects beyond one each. */
  readonly unique: number
  readonly repeated: number
  readonly waitingAtEnd: number
  /** ms each, in the page, since it was connected, of the run before the kill and the one after it. */
  readonly longTasks: readonly number[]
  readonly isObserverProven: boolean
  readonly seedMs: number
  readonly startMs: number
  readonly drainMs: number
}

const fill = (page: Page, action: string, from: number, count: number): Promise<number> =>
  page.evaluate(
    async ({ action, from, count }) => {
      const { maestro } = window as unknown as MaestroWindow
      const all = await Promise.all(
        Array.from({ length: count }, (_, i) => maestro.execute(action, { n: from + i, text: 'The venue is booked.' }, { key: `bulk-${from + i}` })),
      )
      return all.filter(({ status }) => status === 'queued').length
    },
    { action, from, count },
  )

const uniqueEffects = ({ backEnd }: FarEnd): number => new Set(backEnd.effects.map(({ n }) => n)).size

export const runBulk = async (items: number, action = 'hunt.bulk'): Promise<BulkOutcome> => {
  const farEnd = await startFarEnd(await huntSite(), { isReusing: true })
  const browser = await startBrowser()
  const visit = () => browser.visit(farEnd.origin, { path: '/?user=demo', before: WATCH_LONG_TASKS })
  try {
    const seeded = Date.now()
    const first = await visit()
    await browser.offline(true)
    let accepted = 0
    for (let from = 1; from <= items; from += BURST) accepted += await fill(first, action, from, Math.min(BURST, items + 1 - from))
    const seedMs = Date.now() - seeded
    await browser.quit()
    await browser.reopen()

    let letGo = (): void => undefined
    const until = new Promise<void>((resolve) => (letGo = resolve))
    farEnd.spoil(({ path }) => (path.endsWith('/batch') ? { ...PASS, until, beforeMs: 30, afterMs: 30 } : undefined))
    const started = Date.now()
    const page = await visit()
    const startMs = Date.now() - started
    const shown = (await snapshotOf(page))?.waiting ?? 0
    letGo()
    await eventually('half of it is done', () => uniqueEffects(farEnd) >= items / 2, DRAIN_MS)
    const before = await longTasksSinceConnected(page)
    await browser.crash()
    const effectsAtKill = uniqueEffects(farEnd)
    await browser.reopen()

    const again = await visit()
    await eventually('all of it is done', async () => uniqueEffects(farEnd) === items && (await snapshotOf(again))?.waiting === 0, DRAIN_MS)
    const drainMs = Date.now() - started
    await sleep(500)
    const after = await longTasksSinceConnected(again)
    return {
      items,
      accepted,
      shown,
      effectsAtKill,
      unique: uniqueEffects(farEnd),
      repeated: farEnd.backEnd.effects.length - uniqueEffects(farEnd),
      waitingAtEnd: (await snapshotOf(again))?.waiting ?? -1,
      longTasks: [...before, ...after],
      isObserverProven: await seesPlantedBlock(again, PLANTED_MS),
      seedMs,
      startMs,
      drainMs,
    }
  } finally {
    await browser.end()
    await farEnd.close()
  }
}
