import type { BrowserContext, Page } from 'playwright-core'
import type { Measure } from './figures.ts'
import { openPage } from './open-page.ts'
import type { Setting } from './setting.ts'
import { percentile, ratio, rounded } from './stats.ts'
import { createStop } from './stop-workers.ts'

type Question = { readonly side: 'ours' | 'minimal' | 'workbox' | 'serwist'; readonly name: 'hello' | 'execute' | 'enqueue' }

const QUESTIONS = {
  minimal: { side: 'minimal', name: 'hello' },
  hello: { side: 'ours', name: 'hello' },
  execute: { side: 'ours', name: 'execute' },
  workbox: { side: 'workbox', name: 'enqueue' },
  serwist: { side: 'serwist', name: 'enqueue' },
} as const satisfies Readonly<Record<string, Question>>

/** P4: a stopped worker is asked; the time until it answers, against a worker that does nothing else. */
export const measureCold = async (context: BrowserContext, { site, plan, peers }: Setting): Promise<Measure> => {
  const asked = Object.entries(QUESTIONS).filter(([name]) => name !== 'serwist' || peers.has('serwist'))
  const pages = new Map<string, Page>()
  for (const [, { side }] of asked) if (!pages.has(side)) pages.set(side, await openPage(context, `${site.origin}/${side}/cold`, 'isReady'))
  const [first] = pages.values()
  if (!first) throw new Error('nothing to ask')
  const stop = await createStop(await context.newCDPSession(first))
  const samples = new Map<string, number[]>(asked.map(([name]) => [name, []]))
  // The first of each is not counted: it creates databases, keys and the code cache.
  for (let i = 0; i <= plan.coldStarts; i++) {
    for (const [name, question] of asked) {
      await stop()
      const took = await pages.get(question.side)?.evaluate<number>(`ask('${question.name}')`)
      if (i > 0 && took !== undefined) samples.get(name)?.push(took)
    }
  }
  const p50 = (name: keyof typeof QUESTIONS): number => percentile(samples.get(name) ?? [], 0.5)
  const [minimal, hello, execute] = [p50('minimal'), p50('hello'), p50('execute')]
  const queues = (['workbox', 'serwist'] as const).filter((name) => samples.has(name))
  return {
    ours: {
      handshake_p50_ms: rounded(hello),
      durable_p50_ms: rounded(execute),
      samples: plan.coldStarts,
      handshake_times_minimal: rounded(ratio(hello, minimal)),
      durable_times_minimal: rounded(ratio(execute, minimal)),
    },
    peers: { minimal: { p50_ms: rounded(minimal) }, ...Object.fromEntries(queues.map((name) => [name, { durable_p50_ms: rounded(p50(name)) }])) },
    must: 'handshake ≤ 1.7 × minimal worker; first durable answer ≤ 2.5 × minimal worker',
    met: ratio(hello, minimal) <= 1.7 && ratio(execute, minimal) <= 2.5,
  }
}
