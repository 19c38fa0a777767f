import { setTimeout as sleep } from 'node:timers/promises'
import type { CDPSession } from 'playwright-core'

const STOP_MS = 15_000
/** A worker that an event woke meanwhile is stopped again. */
const AGAIN_MS = 500
/** The machine's rest between a stop and the next start. */
const REST_MS = 60

/** Stops every worker and waits until the browser says that none runs. */
export const createStop = async (cdp: CDPSession): Promise<() => Promise<void>> => {
  const running = new Map<string, string>()
  cdp.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    for (const { versionId, runningStatus } of versions) running.set(versionId, runningStatus)
  })
  await cdp.send('ServiceWorker.enable')
  const isAnyAlive = (): boolean => [...running.values()].some((status) => status !== 'stopped')
  return async () => {
    const until = Date.now() + STOP_MS
    do {
      await cdp.send('ServiceWorker.stopAllWorkers')
      for (let waited = 0; isAnyAlive() && waited < AGAIN_MS; waited += 5) await sleep(5)
      if (Date.now() > until) throw new Error(`a worker would not stop: ${[...running.values()].join()}`)
    } while (isAnyAlive())
    await sleep(REST_MS)
  }
}
