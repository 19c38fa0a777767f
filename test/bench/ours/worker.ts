/** Our side of the comparison: one action that is sealed, committed and then waits, so that only the enqueue is timed. */
import * as v from '../../../src/protocol/schema.ts'
import { createMaestro, http } from '../../../sw/boot/index.ts'

const DAY_MS = 86_400_000

createMaestro({
  enabled: true,
  actions: {
    'bench.enqueue': {
      version: 1,
      title: 'Enqueue',
      params: v.strictObject({ to: v.string(), subject: v.string(), body: v.string() }),
      roles: { to: 'target', subject: 'detail', body: 'content' },
      lane: { base: 'YELLOW', because: 'it waits' },
      undoMs: DAY_MS,
      effect: http({ url: '/api/fast' }),
    },
  },
})
