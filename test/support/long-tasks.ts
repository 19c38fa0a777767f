import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'

type Watched = Window & { longTasks: { start: number; ms: number }[] }

/** Runs before a page's own scripts: keeps every task over 50 ms that the browser reports. */
export const WATCH_LONG_TASKS = `
window.longTasks = []
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ start: startTime, ms: Math.round(duration) })
}).observe({ type: 'longtask', buffered: true })`

/** What was reported since the page was connected, ms each. The page marks that moment as `connected`. */
export const longTasksSinceConnected = (page: Page): Promise<readonly number[]> =>
  page.evaluate(() => {
    const from = performance.getEntriesByName('connected')[0]?.startTime ?? 0
    return (window as unknown as Watched).longTasks.filter(({ start }) => start >= from).map(({ ms }) => ms)
  })

/** Blocks the page on purpose, and says whether the observer noticed: one that sees nothing proves nothing. */
export const seesPlantedBlock = async (page: Page, blockMs: number): Promise<boolean> => {
  const before = (await longTasksSinceConnected(page)).length
  await page.evaluate(
    (ms) =>
      new Promise<void>((resolve) =>
        setTimeout(() => {
          const end = performance.now() + ms
          while (performance.now() < end);
          resolve()
        }),
      ),
    blockMs,
  )
  for (let i = 0; i < 20; i++) {
    const seen = await longTasksSinceConnected(page)
    if (seen.slice(before).some((ms) => ms >= blockMs)) return true
    await sleep(100)
  }
  return false
}
