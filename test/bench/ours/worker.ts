/** Our side of the comparison. Below `/…-server/` it uses the server that the page came from; elsewhere everything stays on the device. */
import * as v from '../../../src/protocol/schema.ts'
import { createMaestro, http, local } from '../../../sw/boot/index.ts'
import { supabase } from '../../../sw/boot/supabase.ts'

const DAY_MS = 86_400_000

const scope = globalThis as unknown as { readonly location: { readonly pathname: string } }

const declared = {
  version: 1,
  params: v.strictObject({ to: v.string(), subject: v.string(), body: v.string() }),
  roles: { to: 'target', subject: 'detail', body: 'content' },
} as const

const green = { base: 'GREEN', because: 'it is a benchmark' } as const

/** A drain begins when the page says so: until then this worker believes that there is no network. */
const hold = (): void => {
  let isOnline = true
  Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => isOnline })
  addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (data === 'bench:offline') isOnline = false
    if (data !== 'bench:online') return
    isOnline = true
    dispatchEvent(new Event('online'))
  })
}

if (scope.location.pathname.startsWith('/ours-held')) hold()

createMaestro({
  enabled: true,
  ...(scope.location.pathname.includes('-server/') ? { server: supabase({ url: '' }) } : {}),
  actions: {
    /** Sealed, committed, and then waits: only the enqueue is timed. */
    'bench.enqueue': {
      ...declared,
      title: 'Enqueue',
      lane: { base: 'YELLOW', because: 'it waits' },
      undoMs: DAY_MS,
      effect: http({ url: '/api/fast' }),
    },
    'bench.single': { ...declared, lane: green, effect: http({ url: '/api/far/ours-single' }) },
    'bench.batch': { ...declared, lane: green, effect: http({ url: '/api/far/ours-batch', batch: { url: '/api/far/ours-batch/batch', max: 500 } }) },
    /** For a back end that keeps no keys: at most once, by declaration. */
    'bench.keyless': { ...declared, lane: green, effect: http({ url: '/api/far/ours-keyless', keyed: false }) },
    'bench.note': { ...declared, lane: green, effect: local(({ to }) => ({ noted: to ?? null })) },
  },
})
