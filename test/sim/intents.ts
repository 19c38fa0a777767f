import type { PlannedIntent } from '../../src/testing/plan.ts'
import type { Rng } from '../../src/testing/rng.ts'

const KINDS = [
  'note',
  'mail',
  'mail',
  'post',
  'fax',
  'print',
  'thread',
  'thread',
  'thread',
  'bulk',
  'bulk',
  'pay',
  'wire',
  'invite',
  'sign',
  'ban',
] as const

/** Keys as apps make them, separators and all. */
const key = (rng: Rng, i: number): string => rng.pick(['k', 'pay/7', 'a|b', 'naïve ✓', '{"x":1}', 'k#']) + i

/** 3 to 15 intents; each carries a mark that may show up nowhere but at the far end. */
export const drawIntents = (rng: Rng): readonly PlannedIntent[] =>
  Array.from({ length: 3 + rng.int(rng.chance(0.3) ? 13 : 6) }, (_none, i) => {
    const action = rng.pick(KINDS)
    const params = { ref: `CANARY-${rng.hex(4)}`, ...(action === 'thread' ? { thread: rng.int(2) } : {}) }
    return { action, params, key: key(rng, i), ...(rng.chance(0.2) ? { isAgent: true } : {}) }
  })
