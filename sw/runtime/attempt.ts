/**
 * One attempt of one effect.
 *
 * T1 Gate, approval and claim are asked before the lease; the lease is on disk before anything leaves (law 4).
 * T2 What is sent is the admitted call, byte for byte, with its own key (laws 5 and 6).
 * T3 A result that has arrived is recorded whatever the gate says meanwhile (law 7).
 * T4 Being offline, or without a token, is not an attempt.
 */
import { digestJson } from '../../src/base/digest.ts'
import { failure } from '../../src/protocol/failure.ts'
import { LIMITS } from '../../src/protocol/limits.ts'
import type { Fact } from '../core/apply-fact.ts'
import { backoffMs } from '../core/backoff.ts'
import { judgeAnswer } from '../core/judge-answer.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import type { Actions, ActionDeclaration, LocalEffect } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { HttpCall, HttpEffectDep, HttpOutcome } from '../ports/http-effect.ts'
import type { LogDep } from '../ports/log.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { PagesDep } from '../ports/pages.ts'
import type { RandomDep } from '../ports/random.ts'
import { isOff, type Gate } from './gate.ts'
import type { Ledger } from './ledger.ts'
import type { ServerLedger } from './server-ledger.ts'
import type { Session } from './session.ts'

type Deps = ClockDep &
  HttpEffectDep &
  LogDep &
  NetworkDep &
  PagesDep &
  RandomDep & {
    readonly actions: Actions
    readonly hasServer: boolean
    readonly gate: Gate
    readonly ledger: Ledger
    readonly server: ServerLedger
    readonly session: Session
  }

export type Attempt = (record: ReceiptRecord) => Promise<void>

export const mayRun = (gate: Gate): boolean => !isOff(gate.view()) && gate.view().state !== 'readonly'

/** How far the backoff has grown by waits that do not count as failures: told from the last wait itself, so nothing more is stored. */
const silentSteps = ({ attempts, waiting, dueAt, updatedAt }: ReceiptRecord): number => {
  const waitedMs = waiting === 'network' ? Math.max(0, dueAt - updatedAt) : 0
  return Math.max(attempts - 1, 0, Math.ceil(Math.log2(waitedMs / LIMITS.backoffBaseMs + 1)))
}

/** An app's own function may throw; that ends its action and nobody else's. */
const runLocal = (effect: LocalEffect, { call }: ReceiptRecord): Fact => {
  try {
    return { kind: 'done', result: effect.run(call.params) }
  } catch {
    return { kind: 'dead', failure: failure('EFFECT_REJECTED', `${call.action} could not run`) }
  }
}

export function createAttempt(deps: Deps): Attempt {
  const tell = async (id: string, fact: Fact): Promise<ReceiptRecord | null> => {
    const changed = await deps.ledger.change(id, fact)
    return changed.ok ? changed.value : null
  }

  const later = (
    record: ReceiptRecord,
    waiting: NonNullable<ReceiptRecord['waiting']>,
    options: { floorMs?: number; counts?: boolean; failure?: ReceiptRecord['failure'] } = {},
  ): Promise<unknown> => {
    const counts = options.counts ?? false
    const failures = record.failures + (counts ? 1 : 0)
    if (counts && failures >= LIMITS.attemptsMax)
      return tell(record.id, {
        kind: 'dead',
        failure: failure('EFFECT_EXHAUSTED', `${failures} attempts failed; last: ${options.failure?.message ?? 'no answer'}`),
      })
    const dueAt = deps.clock.now() + backoffMs(counts ? failures - 1 : silentSteps(record), deps.random.unit(), options.floorMs)
    const base = { kind: 'postponed' as const, dueAt, waiting, counts }
    return tell(record.id, options.failure ? { ...base, failure: options.failure } : base)
  }

  /** Law 6: what runs is what was approved, to the byte. Anything else asks again, which is to say: never runs. */
  const isApproved = ({ lane, approved, call, digest }: ReceiptRecord, declared: ActionDeclaration): boolean => {
    const asks = lane === 'RED' || (lane === 'YELLOW' && declared.undoMs === undefined)
    return digestJson(call) === digest && (!asks || approved?.digest === digest)
  }

  /** The shared ledger's word: a fence to go ahead with, or `null` when this attempt is over. */
  async function claim(record: ReceiptRecord, declared: ActionDeclaration): Promise<{ fence: number | null } | null> {
    const answer = await deps.server.claim(record)
    if (answer.kind === 'claimed') return { fence: answer.fence }
    if (answer.kind === 'settled') {
      deps.log.line({ level: 'info', text: '[MAESTRO] Idempotent execution - returning prior result' })
      if (answer.state === 'done') await tell(record.id, { kind: 'done', result: answer.result })
      else await tell(record.id, { kind: 'dead', failure: failure('CLAIMED_ELSEWHERE', `another device ended this as ${answer.state}`) })
      return null
    }
    const { why, waitMs } = answer
    if (why === 'key-reused')
      await tell(record.id, { kind: 'refused', failure: failure('KEY_REUSED', 'another device used this key for something else') })
    else if (why === 'in-progress') await later(record, 'ledger', { floorMs: waitMs })
    else if (why === 'auth') await later(record, 'sign-in', { floorMs: LIMITS.backoffBaseMs * 5 })
    else if (record.lane === 'RED' && declared.offline !== 'local') await later(record, 'network', { floorMs: waitMs })
    else return { fence: null }
    return null
  }

  async function sendHttp(record: ReceiptRecord, effect: Extract<ActionDeclaration['effect'], { kind: 'http' }>): Promise<void> {
    const owner = { tenant: record.call.tenant, user: record.call.principal }
    const token = await deps.session.token(owner)
    if (token.kind === 'sign-in' || token.kind === 'network') {
      await later(record, token.kind)
      return
    }
    const send = async (bearer: string | null): Promise<HttpOutcome> => {
      const outcome = await deps.http.send(callOf(bearer))
      if (outcome.kind !== 'answer' || outcome.status >= 300 || !effect.answer) return outcome
      const checked = await Promise.resolve(effect.answer['~standard'].validate(outcome.body)).catch(() => ({ issues: [] }))
      return checked.issues ? { kind: 'unreadable', status: outcome.status } : outcome
    }
    const callOf = (bearer: string | null): HttpCall => ({
      method: effect.method,
      url: effect.url,
      key: record.key,
      params: record.call.params,
      token: bearer,
    })
    let judged = judgeAnswer(await send(token.kind === 'token' ? token.token : null))
    if (judged.kind === 'auth') {
      const renewed = await deps.session.token(owner, true)
      if (renewed.kind === 'token') judged = judgeAnswer(await send(renewed.token))
    }
    if (judged.kind === 'done') await tell(record.id, { kind: 'done', result: judged.result })
    else if (judged.kind === 'refused' || judged.kind === 'dead') await tell(record.id, judged)
    else if (judged.kind === 'auth') await later(record, 'sign-in', { floorMs: LIMITS.backoffBaseMs * 5 })
    else if (judged.kind === 'later') await later(record, 'retry', { floorMs: judged.waitMs, counts: judged.counts, failure: judged.failure })
    // No answer: the same key may be sent again where the back end keeps it; elsewhere only a person can know.
    else if (effect.keyed) await later(record, 'network')
    else await tell(record.id, { kind: 'unknown', failure: failure('OUTCOME_UNKNOWN', 'no answer came; the effect may have happened') })
  }

  return async (record) => {
    const declared = Object.hasOwn(deps.actions, record.call.action) ? deps.actions[record.call.action] : undefined
    if (!declared || declared.version !== record.call.version) {
      await later(record, 'retry', {
        floorMs: LIMITS.backoffCapMs,
        failure: failure('ACTION_UNKNOWN', 'unknown to this build'),
      })
      return
    }
    if (record.approved !== null && record.attempts === 0 && record.call.expires < deps.clock.now()) {
      await tell(record.id, { kind: 'expired', failure: failure('EXPIRED', 'the approval expired before it ran') })
      return
    }
    if (!isApproved(record, declared)) {
      await tell(record.id, { kind: 'dead', failure: failure('APPROVAL_CHANGED', 'this is not what was approved') })
      return
    }
    const { effect } = declared
    if (!mayRun(deps.gate)) return
    if (effect.kind === 'local') {
      await tell(record.id, runLocal(effect, record))
      return
    }
    if (effect.kind === 'http' && !deps.network.online()) return
    if (record.lane === 'RED' && deps.hasServer) {
      await deps.gate.refresh()
      if (!deps.gate.isRunFresh()) {
        await later(record, 'network')
        return
      }
    }
    if (!mayRun(deps.gate)) return
    const claimed = await claim(record, declared)
    if (!claimed || !mayRun(deps.gate)) return
    const leased = await tell(record.id, { kind: 'leased', until: deps.clock.now() + LIMITS.leaseMs, fence: claimed.fence })
    if (!leased) return
    if (!mayRun(deps.gate)) {
      await later(leased, 'ledger')
      return
    }
    if (effect.kind === 'http') await sendHttp(leased, effect)
    else if (
      !(await deps.pages.sendToOne({
        type: 'maestro:page-effect',
        id: leased.id,
        attempt: leased.attempts,
        name: effect.name,
        params: leased.call.params,
      }))
    )
      await later(leased, 'page', { floorMs: LIMITS.lingerMs })
  }
}
