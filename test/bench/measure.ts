import { setTimeout as sleep } from 'node:timers/promises'
import { killBrowsers, withBrowser } from './browser.ts'
import { measureClaims } from './claims.ts'
import { measureCold } from './cold.ts'
import { measureDecision } from './decision.ts'
import { measureDrain } from './drain.ts'
import { measureEnqueue } from './enqueue.ts'
import { measureFaults } from './faults.ts'
import type { Figures, Measure, MeasureName, Measures } from './figures.ts'
import { measureGrowth } from './growth.ts'
import { measureKill } from './kill-switch.ts'
import type { Setting } from './setting.ts'
import { measureSizes } from './sizes.ts'

const STUCK_MS = 15 * 60_000

/** Runs what was asked for, one after the other; what fails is said and stays absent. Gives also how many failed. */
export const measureAll = async (
  setting: Setting,
  only: ReadonlySet<MeasureName>,
): Promise<{ readonly measures: Measures; readonly failed: number }> => {
  const measures: Partial<Record<MeasureName, Measure>> = {}
  let failed = 0
  const wants = (...names: readonly MeasureName[]): boolean => names.some((name) => only.has(name))
  const step = async (text: string, work: () => Promise<void>): Promise<void> => {
    if (setting.stopped.aborted) return
    setting.progress(text)
    const start = performance.now()
    const patience = new AbortController()
    const stuck = sleep(STUCK_MS, undefined, { signal: patience.signal }).then(() => {
      killBrowsers()
      throw new Error(`still not done after ${STUCK_MS} ms`)
    })
    stuck.catch(() => undefined)
    try {
      await Promise.race([work(), stuck])
      setting.progress(`${text}: ${Math.round((performance.now() - start) / 100) / 10} s`)
    } catch (error) {
      failed += 1
      setting.progress(`${text}: not measured: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      patience.abort()
    }
  }

  let server: Awaited<ReturnType<typeof measureClaims>> | null = null
  // First, while this process is small: how fast it reads a batch is part of what is measured.
  if (wants('P6', 'P7'))
    await step('P6, P7: the server', async () => {
      server = await measureClaims(setting)
      if (wants('P7')) measures.P7 = server.P7
    })
  if (wants('P5'))
    await step('P5: sizes', async () => {
      measures.P5 = await measureSizes(setting.peers)
    })
  if (wants('P4'))
    await step('P4: cold starts', async () => {
      measures.P4 = await withBrowser((context) => measureCold(context, setting))
    })
  if (wants('P1', 'P2', 'P9'))
    await step('P1, P2, P9: enqueues and decisions', () =>
      withBrowser(async (context) => {
        const { P1, P2 } = await measureEnqueue(context, setting)
        if (wants('P1')) measures.P1 = P1
        if (wants('P2')) measures.P2 = P2
        if (wants('P9')) measures.P9 = await measureDecision(context, setting, Number(P1.ours['p50_ms']))
      }),
    )
  if (wants('P3'))
    await step('P3: drains', async () => {
      measures.P3 = await measureDrain(setting)
    })
  if (wants('P6'))
    await step('P6: the browser', async () => {
      const inBrowser = await withBrowser((context) => measureGrowth(context, setting))
      const onServer = server?.growth ?? { figures: {} as Figures, met: false }
      measures.P6 = {
        ours: { ...inBrowser.figures, ...onServer.figures },
        peers: {},
        must: `claim, lookup and start ≤ 1.5 × those at 1,000 receipts, browser and server`,
        met: inBrowser.met && onServer.met,
      }
    })
  if (wants('P8'))
    await step('P8: kills', async () => {
      measures.P8 = await withBrowser((context) => measureKill(context, setting))
    })
  if (wants('faults'))
    await step('faults', async () => {
      measures.faults = await measureFaults(setting)
    })
  return { measures, failed }
}
