import * as LIMITS from '../../src/protocol/limits.ts'
import { canonical } from '../../src/base/canonical.ts'
import { toJson } from '../../src/base/to-json.ts'
import { failure } from '../../src/protocol/failure.ts'
import type { LocalEffect } from '../ports/action.ts'
import type { Fact } from './apply-fact.ts'
import type { CanonicalCall } from './receipt-record.ts'

/** Runs an app's own function. What it throws, or gives that is not JSON of bounded size (a promise, say), ends its action and nobody else's. */
export function runLocal(
  effect: LocalEffect,
  { action, params }: Pick<CanonicalCall, 'action' | 'params'>,
): Extract<Fact, { kind: 'done' | 'dead' }> {
  const rejected = (why: string): Extract<Fact, { kind: 'dead' }> => ({ kind: 'dead', failure: failure('EFFECT_REJECTED', `${action} ${why}`) })
  try {
    const given = toJson(effect.run(params), LIMITS.paramsDepthMax)
    if (!given.ok) return rejected('gave something that is not plain JSON')
    return canonical(given.value).length > LIMITS.answerBytesMax ? rejected('gave more than can be kept') : { kind: 'done', result: given.value }
  } catch {
    return rejected('could not run')
  }
}
