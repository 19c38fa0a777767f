/** A Workbox-like queue as documented: plain text, relaxed durability, the whole request stored. */
import { serve } from './serve.ts'
import { scope } from './worker-scope.ts'

type Entry = { readonly request: Request }

/** What Workbox's and Serwist's queues have in common. */
export type Queue = {
  pushRequest(entry: Entry): Promise<void>
  replayRequests(): Promise<void>
  size(): Promise<number>
}

export type QueueClass = new (name: string, options?: { readonly onSync: () => Promise<void> }) => Queue

/** Their replay sends one entry after the other, so that as many in flight take as many queues. */
const PARALLEL = 12

/**
 * Below `/…-faults/` there are twelve queues with their own replay, as documented. Elsewhere the replay is left out of sync
 * events, so that an enqueue is timed alone and a drain begins when it is told to.
 */
export const serveQueue = (QueueOf: QueueClass): void => {
  const isFaulty = scope.location.pathname.includes('-faults/')
  const queues = isFaulty
    ? Array.from({ length: PARALLEL }, (_, i) => new QueueOf(`bench-${i}`))
    : [new QueueOf('bench', { onSync: () => Promise.resolve() })]
  serve({
    async enqueue(key, params, { queue = 0, url = '/api/fast' } = {}) {
      await queues[queue]?.pushRequest({
        request: new Request(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': encodeURIComponent(key) },
          body: JSON.stringify(params),
        }),
      })
    },
    async release() {
      await Promise.allSettled(queues.map((queue) => queue.replayRequests()))
    },
    async waiting() {
      const sizes = await Promise.all(queues.map((queue) => queue.size()))
      return sizes.reduce((sum, size) => sum + size, 0)
    },
  })
}
