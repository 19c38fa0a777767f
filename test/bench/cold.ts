import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import type { Measure } from './figures.ts'
import type { Plan } from './plan.ts'
import { percentile, ratio, rounded } from './stats.ts'

const STOP_MS = 15_000
/** A worker that an event woke meanwhile is stopped again. */
const AGAIN_MS = 500
/** The machine's rest between a stop and the next start. */
const REST_MS = 60

const open = async (context: BrowserContext, origin: string, side: 'ours' | 'minimal'): Promise<Page> => {
  const page = await context.newPage()
  await page.goto(`${origin}/${side}/cold`)
  await page.waitForFunction('"isReady" in globalThis', undefined, { timeout: 30_000 })
  return page
}

/** Stops every worker and waits until the browser says that none runs. */
const createStop = async (cdp: CDPSession): Promise<() => Promise<void>> => {
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

/** P4: a stopped worker is asked; the time until it answers, against a worker that does nothing else. */
export const measureCold = async (context: BrowserContext, origin: string, plan: Plan): Promise<Measure> => {
  const pages = { ours: await open(context, origin, 'ours'), minimal: await open(context, origin, 'minimal') }
  const stop = await createStop(await context.newCDPSession(pages.minimal))
  const asked = async (page: Page, name: 'hello' | 'execute'): Promise<number> => {
    await stop()
    return page.evaluate<number>(`ask('${name}')`)
  }
  const samples = { minimal: [] as number[], hello: [] as number[], execute: [] as number[] }
  // The first of each is not counted: it creates databases, keys and the code cache.
  for (let i = 0; i <= plan.coldStarts; i++) {
    const round = [await asked(pages.minimal, 'hello'), await asked(pages.ours, 'hello'), await asked(pages.ours, 'execute')] as const
    if (i === 0) continue
    samples.minimal.push(round[0])
    samples.hello.push(round[1])
    samples.execute.push(round[2])
  }
  const minimal = percentile(samples.minimal, 0.5)
  const [hello, execute] = [percentile(samples.hello, 0.5), percentile(samples.execute, 0.5)]
  return {
    ours: {
      handshake_p50_ms: rounded(hello),
      durable_p50_ms: rounded(execute),
      samples: samples.hello.length,
      handshake_times_minimal: rounded(ratio(hello, minimal)),
      durable_times_minimal: rounded(ratio(execute, minimal)),
    },
    peers: { minimal: { p50_ms: rounded(minimal) } },
    must: 'handshake ≤ 1.7 × minimal worker; first durable answer ≤ 2.5 × minimal worker',
    met: ratio(hello, minimal) <= 1.7 && ratio(execute, minimal) <= 2.5,
  }
}
