/**
 * Wake-ups through Workbox's queue, which registers the sync tag and brings the fallbacks. It only ever holds one marker
 * without a header or a payload: Workbox deletes before it sends and stores requests in clear, so no action goes in.
 */
import { Queue } from 'workbox-background-sync'
import type { Wake } from '../ports/wake.ts'

/** Constructed at the worker's top level, because sync listeners must exist before the first event. */
export function createWorkboxWake(onSync: () => Promise<boolean>): Wake {
  let isMarked = false
  const queue = new Queue('maestro', {
    onSync: async () => {
      // Marked while it runs: registering again from inside a sync event would fire the next one at once, without end.
      isMarked = true
      const isDrained = await onSync()
      // Throwing is how a sync handler asks the browser to come again, at intervals of the browser's choice.
      if (!isDrained) throw new Error('work is still waiting')
      while (await queue.shiftRequest());
      isMarked = false
    },
  })
  return {
    async request() {
      if (isMarked) return
      isMarked = true
      try {
        if ((await queue.size()) === 0) await queue.pushRequest({ request: new Request('/maestro-wake') })
        else await queue.registerSync()
      } catch {
        isMarked = false
      }
    },
  }
}
