import * as LIMITS from '../../src/protocol/limits.ts'
import { isWithinBytes } from '../../src/base/bytes.ts'
import { canonical } from '../../src/base/canonical.ts'
import { toJson } from '../../src/base/to-json.ts'
import { failure } from '../../src/protocol/failure.ts'
import type { LocalEffect } from '../ports/action.ts'
import type { Fact } from './apply-fact.ts'
import type { CanonicalCall } from './receipt-record.ts'

type Ended = Extract<Fact, { kind: 'done' | 'dead' }>

const rejected = (why: string): Ended => ({ kind: 'dead', failure: failure('EFFECT_REJECTED', why) })

/** What an app's own code gave, as a result: plain JSON of bounded size, or the end of its action. */
export function resultOf(given: unknown, whose: string): Ended {
  const json = toJson(given, LIMITS.paramsDepthMax)
  if (!json.ok) return rejected(`${whose} gave something that is not plain JSON`)
  const isKept = isWithinBytes(canonical(json.value), LIMITS.answerBytesMax)
  return isKept ? { kind: 'done', result: json.value } : rejected(`${whose} gave more than can be kept`)
}

/** Runs an app's own function. What it throws, or gives that is no result (a promise, say), ends its action and nobody else's. */
export function runLocal(effect: LocalEffect, { action, params }: Pick<CanonicalCall, 'action' | 'params'>): Ended {
  try {
    return resultOf(effect.run(params), action)
  } catch {
    return rejected(`${action} could not run`)
  }
}
