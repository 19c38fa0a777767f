/** Workbox's queue as documented: plain text, relaxed durability. Its replay is left out, so that only the enqueue is timed. */
import { Queue } from 'workbox-background-sync/Queue.js'
import { serve } from './serve.ts'

const queue = new Queue('bench', { onSync: () => Promise.resolve() })

serve({
  enqueue: (key, params) =>
    queue.pushRequest({
      request: new Request('/api/fast', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(params),
      }),
    }),
})
