import * as v from '../../src/protocol/schema.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { Intent, Stamps } from '../../sw/core/admit.ts'
import { http, local } from '../../sw/boot/effects.ts'
import type { ActionDeclaration } from '../../sw/ports/action.ts'

/** A small allowlist for tests of the core and the runtime. */
export const ACTIONS = {
  note: {
    version: 1,
    params: v.strictObject({ text: v.pipe(v.string(), v.minLength(1)) }),
    lane: { base: 'GREEN', because: 'local' },
    effect: local(({ text }) => ({ noted: text ?? '' })),
  },
  mail: { version: 1, params: v.strictObject({ to: v.string() }), lane: { base: 'GREEN', because: 'known' }, effect: http({ url: '/api/mail' }) },
  pay: { version: 1, params: v.strictObject({ amount: v.string() }), lane: { base: 'RED', because: 'money' }, effect: http({ url: '/api/pay' }) },
  fax: {
    version: 1,
    params: v.strictObject({ to: v.string() }),
    lane: { base: 'GREEN', because: 'old' },
    effect: http({ url: '/api/fax', keyed: false }),
  },
  invite: {
    version: 1,
    params: v.strictObject({ to: v.string() }),
    lane: { base: 'YELLOW', because: 'undo' },
    undoMs: 10_000,
    effect: http({ url: '/api/invite' }),
  },
} satisfies Record<string, ActionDeclaration>

export const intent = (action: string, params: JsonObject, key = 'k1'): Intent => ({ action, params, key, agent: null, sources: [], reason: null })

export const STAMPS: Stamps = {
  now: 1_000,
  issued: 1_000,
  nonce: 'n',
  seq: 1,
  origin: 'http://localhost',
  principal: { tenant: 'demo', user: 'demo' },
}
