import type { Page } from 'playwright-core'
import type { FarEnd } from './hunt-far-end.ts'
import { huntSite } from './hunt-site.ts'
import type { WorkerBuild } from './hunt-site.ts'
import type { MaestroWindow } from './in-page.ts'

export type HandOver = {
  /** When the new worker took over, epoch ms. */
  readonly takenAt: number
  /** Whether it was seen to wait for the lock that a drain holds. Chromium by itself also waits for the old worker's events; others do not. */
  readonly hasWaitedForDrain: boolean
}

/** Deploys another build and hands over to it, as a page does that found an update. */
export const handOverTo = async (page: Page, farEnd: FarEnd, build: WorkerBuild): Promise<HandOver> => {
  farEnd.deploy(await huntSite(build))
  return page.evaluate(async () => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 10))
    const registration = await navigator.serviceWorker.ready
    let takenAt = 0
    navigator.serviceWorker.addEventListener('controllerchange', () => (takenAt = Date.now()), { once: true })
    await registration.update()
    while (registration.waiting === null) await pause()
    ;(window as unknown as MaestroWindow).maestro.handOver()
    let hasWaitedForDrain = false
    while (takenAt === 0) {
      const { pending = [] } = await navigator.locks.query()
      hasWaitedForDrain ||= pending.some(({ name }) => name === 'maestro-pump')
      await pause()
    }
    return { takenAt, hasWaitedForDrain }
  })
}

/** What the page's person is told of everything that waits, and of nobody else's. */
export const keysShown = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => ((window as unknown as MaestroWindow).maestro.snapshot?.receipts ?? []).map(({ key }) => key))
