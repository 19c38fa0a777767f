import type { GateStore } from '../ports/gate-store.ts'

const CACHE = 'maestro-gate'
const ENTRY = '/maestro-gate'

/** The gate's memory in Cache Storage: survives deletion of every database, and is readable before the first event. */
export const createCacheGateStore = (): GateStore => ({
  load: async () => (await caches.match(ENTRY, { cacheName: CACHE }))?.json(),
  async save(value) {
    await (await caches.open(CACHE)).put(ENTRY, new Response(JSON.stringify(value)))
  },
})
