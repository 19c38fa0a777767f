/** A worker that takes signed kill documents only; the two public keys come with its address, because each run has a server of its own. */
import * as v from '../../../src/protocol/schema.ts'
import { createMaestro, http } from '../../../sw/boot/index.ts'
import { killswitch } from '../../../sw/boot/killswitch.ts'
import { supabase } from '../../../sw/boot/supabase.ts'

const scope = globalThis as unknown as { readonly location: { readonly search: string } }
const given = new URLSearchParams(scope.location.search)

createMaestro({
  enabled: true,
  server: supabase({ url: '' }),
  kits: [killswitch({ stop: given.get('stop') ?? '', resume: given.get('resume') ?? '' })],
  actions: {
    'bench.single': {
      version: 1,
      title: 'Send',
      params: v.strictObject({ to: v.string(), subject: v.string(), body: v.string() }),
      lane: { base: 'GREEN', because: 'it is a benchmark' },
      effect: http({ url: '/api/far/ours-single' }),
    },
  },
})
