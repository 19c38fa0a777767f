/** Enqueues through the published client. */
import { MaestroClient } from '../../../src/client/index.ts'
import { INTENT } from '../pages/intent.ts'
import { publish } from '../pages/publish.ts'
import { publishQueue } from '../pages/publish-queue.ts'
import { publishGrowth } from './publish-growth.ts'

const [, side] = location.pathname.split('/')
const client = await MaestroClient.connect({ worker: `/${side}/sw.js`, enabled: true })

const enqueue = async (action: string, key?: string): Promise<void> => {
  const handle = await client.execute(action, INTENT, key === undefined ? {} : { key })
  if (handle.status !== 'queued' && handle.status !== 'done') throw new Error(`not enqueued but ${handle.status}: ${handle.failure?.message ?? ''}`)
}

publish(() => enqueue('bench.enqueue'))

const say = (word: string): void => navigator.serviceWorker.controller?.postMessage(word)

publishQueue({
  // `ours-single` is the lane of `bench.single`.
  put: (key, lane) => enqueue(lane.replace('ours-', 'bench.'), key),
  release: () => say('bench:online'),
  waiting: async () => client.snapshot?.waiting ?? 0,
})

publishGrowth(client)

Object.assign(globalThis, { client, intent: INTENT, hold: () => say('bench:offline') })
