import type { GateStore } from '../ports/gate-store.ts'

const CACHE = 'maestro-gate'
const ENTRY = '/maestro-gate'

/** The gate's memory in Cache Storage: survives deletion of every database, and is readable before the first event. */
export const createCacheGateStore = (): GateStore => ({
  async load() {
    if (!(await caches.has(CACHE))) return undefined
    const stored = await (await caches.open(CACHE)).match(ENTRY)
    return stored?.json().catch(() => undefined)
  },
  async save(value) {
    await (await caches.open(CACHE)).put(ENTRY, new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } }))
  },
})
