import type { GateStore } from '../ports/gate-store.ts'

const CACHE = 'maestro-gate'
const ENTRY = '/maestro-gate'

/** The gate's memory in Cache Storage: survives deletion of every database, and is readable before the first event. Read once. */
export function createCacheGateStore(): GateStore {
  let reading: Promise<unknown> | null = null
  const read = async (): Promise<unknown> => (await caches.match(ENTRY, { cacheName: CACHE }))?.json()
  return {
    load: () => (reading ??= read()),
    async save(value) {
      await (await caches.open(CACHE)).put(ENTRY, new Response(JSON.stringify(value)))
    },
  }
}
