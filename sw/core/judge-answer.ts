/**
 * What an effect's answer means, by status and typed body only (law 11).
 *
 * J1 Success is a 2xx with JSON; a page of HTML where JSON was due is a portal or a proxy, not a success.
 * J2 409 joins an attempt that still runs; 422 means the key was used for something else.
 * J3 Only real failures count towards the limit; a missing token does not.
 * J4 `mayHaveRun`: the answer does not say that nothing was done (a gateway's 504, a portal's page). Where keys are not kept, that is a
 *    lost answer, not a failure.
 */
import type { Json } from '../../src/base/json.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import type { HttpOutcome } from '../ports/http-effect.ts'

export type Judgement =
  | { readonly kind: 'done'; readonly result: Json }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'dead'; readonly failure: Failure }
  | { readonly kind: 'auth' }
  | { readonly kind: 'later'; readonly failure: Failure; readonly waitMs: number; readonly counts: boolean; readonly mayHaveRun: boolean }
  | { readonly kind: 'lost' }

const TRANSIENT = new Set([408, 425, 429])

const bodyCode = (body: Json): string | null => {
  const { code } = Object(body) as { readonly code?: unknown }
  return typeof code === 'string' ? code : null
}

export function judgeAnswer(outcome: HttpOutcome): Judgement {
  if (outcome.kind === 'lost') return { kind: 'lost' }
  const { status } = outcome
  const waitMs = outcome.waitMs ?? 0
  if (status === 401) return { kind: 'auth' }
  const later = (why: Failure, mayHaveRun: boolean, counts = true): Judgement => ({ kind: 'later', failure: why, waitMs, counts, mayHaveRun })
  if (status === 409) return later(failure('EFFECT_UNAVAILABLE', 'an earlier attempt is still running'), false, false)
  if (TRANSIENT.has(status) || status >= 500) {
    // A server that names the time to come back has not begun (RFC 9110 section 15.6.4).
    const isRefusal = TRANSIENT.has(status) || (status === 503 && outcome.waitMs !== undefined)
    return later(failure('EFFECT_UNAVAILABLE', `the back end answered ${status}`), !isRefusal)
  }
  if (status >= 200 && status < 300) {
    if (outcome.kind === 'answer') return { kind: 'done', result: outcome.body }
    return later(failure('EFFECT_UNREADABLE', 'the answer was not the JSON due'), true)
  }
  if (status < 400) return later(failure('EFFECT_UNREADABLE', 'the request was redirected'), true)
  if (status === 422) return { kind: 'refused', failure: failure('KEY_REUSED', 'this key was used for something else at the back end') }
  const code = outcome.kind === 'answer' ? bodyCode(outcome.body) : null
  return { kind: 'dead', failure: failure('EFFECT_REJECTED', `the back end refused with ${status}${code ? ` ${code}` : ''}`) }
}
