/**
 * Wake-ups through Workbox's queue, which registers the sync tag and brings the fallbacks. It only ever holds one marker
 * without a header or a payload: Workbox deletes before it sends and stores requests in clear, so no action goes in.
 */
import { Queue } from 'workbox-background-sync/Queue.js'
import type { Wake } from '../ports/wake.ts'

/** Constructed at the worker's top level, because sync listeners must exist before the first event. */
declare const self: ServiceWorkerGlobalScope

export function createWorkboxWake(onSync: () => Promise<boolean>): Wake {
  let marking: Promise<void> | null = null
  const queue = new Queue('maestro', {
    onSync: async () => {
      // Marked while it runs: registering again from inside a sync event would fire the next one at once, without end.
      marking = Promise.resolve()
      // Where there is no Background Sync, Workbox calls this from inside its constructor: nothing else exists yet.
      await Promise.resolve()
      try {
        const isDrained = await onSync()
        if (isDrained) while (await queue.shiftRequest());
        // Throwing is how a sync handler asks the browser to come again, at intervals of the browser's choice.
        else if ('sync' in self.registration) throw new Error('work is still waiting')
      } finally {
        marking = null
      }
    },
  })
  const mark = async (): Promise<void> => {
    if ((await queue.size()) === 0) await queue.pushRequest({ request: new Request('/maestro-wake') })
    else await queue.registerSync()
  }

  return {
    request() {
      marking ??= mark().catch(() => {
        marking = null
      })
      return marking
    },
  }
}
