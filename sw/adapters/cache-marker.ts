import type { Marker } from '../ports/marker.ts'

const CACHE = 'maestro-gate'
const ENTRY = '/maestro-marker'

/** In Cache Storage, beside the gate's memory. */
export const createCacheMarker = (): Marker => ({
  read: async () => (await caches.match(ENTRY, { cacheName: CACHE })) !== undefined,
  write: async () => (await caches.open(CACHE)).put(ENTRY, new Response('1')),
})
