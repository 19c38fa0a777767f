/**
 * One intent, from session and gate through admission and policy to a durable receipt.
 *
 * E1 Resolves when the intent is durable or refused; never waits for the network.
 * E2 The gate is asked before admission (law 7); a `local` effect commits with its admission (law 3).
 * E3 What exists under the key decides: same parameters give it back, other parameters are refused.
 */
import { err, ok, type Result } from '../../src/base/result.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { GateView, Principal, ReceiptView } from '../../src/protocol/views.ts'
import { fingerprint, receiptId, type Intent } from '../core/admit.ts'
import { applyFact, type Fact } from '../core/apply-fact.ts'
import { isOff } from '../core/gate-state.ts'
import { runLocal } from '../core/run-local.ts'
import { receiptView, type Surroundings } from '../core/project.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import { actionOf } from '../core/action-of.ts'
import type { ActionDeclaration, Actions } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { KeyringDep } from '../ports/keyring.ts'
import type { LogDep } from '../ports/log.ts'
import type { NetworkDep } from '../ports/network.ts'
import { readCapability } from './capability.ts'
import type { Counters } from './counters.ts'
import type { Stamp } from './create-stamp.ts'
import type { Hooks } from './kit.ts'
import type { Admitted, Held, Ledger } from './ledger.ts'
import { parseIntent, type Asked } from './parse-intent.ts'
import type { Session } from './session.ts'

export type Executed = { readonly receipt: ReceiptView; readonly idempotent: boolean }

export type Execute = (asked: Asked & { readonly capability?: string | undefined }, gate: GateView) => Promise<Result<Executed, Failure>>

const NOBODY: Principal = { tenant: '', user: '' }

type Deps = ClockDep &
  KeyringDep &
  LogDep &
  NetworkDep & {
    readonly actions: Actions
    readonly hooks: Hooks
    readonly ledger: Ledger
    readonly session: Session
    readonly counters: Counters
    readonly stamp: Stamp
    readonly surroundings: () => Surroundings
    readonly gateNow: () => GateView
    /** Something new may be due, or is out of reach: then it resolves when the browser knows to wake us. */
    readonly onAdmitted: (record: ReceiptRecord) => Promise<void>
  }

export function createExecute(deps: Deps): Execute {
  const { ledger } = deps

  /** A refusal that spends no key still answers as a receipt, so that callers have one shape to read. */
  const refuse = (asked: Asked, principal: Principal, why: Failure, status: 'refused' | 'disabled' = 'refused'): Result<Executed, Failure> => {
    const now = deps.clock.now()
    const key = typeof asked.key === 'string' ? asked.key.slice(0, LIMITS.keyCharsMax).toWellFormed() : ''
    const receipt: ReceiptView = {
      id: receiptId(principal, key),
      key,
      action: asked.action.slice(0, LIMITS.keyCharsMax),
      status,
      lane: 'BLOCKED',
      reasons: [why.message],
      agent: null,
      params: {},
      digest: '',
      guarantee: 'exactly-once',
      admittedAt: now,
      updatedAt: now,
      attempts: 0,
      failure: why,
      synced: false,
    }
    return ok({ receipt, idempotent: false })
  }

  const risk = (why: Failure): Failure => {
    deps.counters.count('blocked')
    deps.log.line({ level: 'warn', text: `[MAESTRO RISK] Blocked: ${why.code}`, code: why.code })
    return why
  }

  function gateFailure(gate: GateView, agent: string | null, effect: string): Failure | null {
    if (isOff(gate))
      return agent === null ? failure('DISABLED', 'MAESTRO is off') : failure('AGENT_STOPPED', 'agents are stopped while MAESTRO is off')
    if (gate.state === 'readonly' && effect !== 'local') return failure('GATE_READONLY', 'only actions without effects run now')
    if (gate.state === 'drain') return failure('GATE_DRAINING', 'no new work is taken now')
    return null
  }

  /** Only a person edits, and only what is dead: of anything else the first form may still run. */
  async function replaceable(key: string, principal: Principal, intent: Intent): Promise<Result<Held, Failure>> {
    const found = await ledger.find(receiptId(principal, key))
    if (!found.ok) return found
    const held = found.value
    const isStill = held?.record.state === 'dead' || held?.record.state === 'awaiting-approval'
    if (isStill && held.record.call.action === intent.action && key !== intent.key && intent.agent === null) return ok(held)
    return err(failure('NOT_REPLACEABLE', 'only what is dead or waits for a person can be edited, under a new key', 'replaces'))
  }

  /** What is new: stamped, run where it only touches this device, and in the ledger; or what was there first. */
  async function take(stamp: () => ReceiptRecord, { effect }: ActionDeclaration, order: number | undefined): Promise<Result<Admitted, Failure>> {
    const record = stamp()
    const isRun = effect.kind === 'local' && record.state === 'ready' && record.dueAt <= record.admittedAt
    const ran = isRun ? runLocal(effect, record.call) : null
    if (ran?.kind === 'dead') return err(ran.failure)
    const next = ran && applyFact(record, ran, record.admittedAt)
    return ledger.admit(next ?? record, order ?? record.call.seq, next ? ['admitted', 'done'] : ['admitted'])
  }

  return async (asked, gate) => {
    const principal = deps.session.principal()
    if (!principal) {
      // Off is said first: nobody can be signed in on a device that was never on, and the app's own path must still run.
      const off = isOff(gate) && actionOf(deps.actions, asked.action) ? gateFailure(gate, asked.capability ?? null, '') : null
      return off ? refuse(asked, NOBODY, off, 'disabled') : err(failure('SIGNED_OUT', 'nobody is signed in'))
    }
    const refused = (why: Failure, status?: 'disabled'): Result<Executed, Failure> => refuse(asked, principal, why, status)
    const agent = asked.capability === undefined ? null : await readCapability(deps, asked.capability, principal)
    if (asked.capability !== undefined && agent === null) return refused(risk(failure('AGENT_INVALID', 'not a capability of this person')))
    const parsed = await parseIntent(asked, agent, deps.actions)
    if (!parsed.ok) return refused(risk(parsed.error))
    const { intent, declared } = parsed.value
    const id = receiptId(principal, intent.key)

    const stopped = (general: GateView): Result<Executed, Failure> | null => {
      const view = deps.hooks.gate(general, { action: intent.action, agent, principal })
      const why = gateFailure(view, agent, declared.effect.kind)
      return why && refused(why, isOff(view) ? 'disabled' : undefined)
    }
    const isSame = ({ record }: Held): boolean => record.paramsDigest === fingerprint(intent.action, declared.version, intent.params)
    const again = (held: Held): Result<Executed, Failure> => {
      if (!isSame(held)) return refused(risk(failure('KEY_REUSED', 'this key was used for something else', 'key')))
      deps.log.line({ level: 'info', text: '[MAESTRO] Idempotent execution - returning prior result' })
      return ok({ receipt: receiptView(held.record, deps.surroundings()), idempotent: true })
    }

    const early = stopped(gate)
    if (early) {
      // What was taken before the stop is held, not refused: whoever asks again must not be sent the app's own way as well (E3).
      const there = agent === null && gate.cause !== 'window' ? ledger.present(id) : null
      return there ? again(there) : early
    }
    // What is judged by what was before, or comes after another, waits for both; nothing else does.
    const opened = await (deps.hooks.isJudging || declared.sequence ? ledger.open() : ledger.begin())
    if (!opened.ok) return refused(opened.error)

    const isOutOfReach = declared.offline === 'refuse' && !deps.network.online()
    // Admission finds what is there by itself; the disk is asked first only where something else depends on the answer.
    const mustKnow = isOutOfReach || declared.effect.kind === 'local' || asked.replaces !== undefined
    const before = mustKnow ? await ledger.find(id) : ok(ledger.present(id))
    if (!before.ok) return refused(before.error)
    const edited = asked.replaces === undefined ? null : await replaceable(asked.replaces, principal, intent)
    let admitted: Result<Admitted, Failure>
    if (before.value) admitted = ok({ held: before.value, isNew: false })
    else {
      if (isOutOfReach) return refused(failure('OFFLINE_REFUSED', 'this action is not taken offline'))
      // The same edit again, after its answer was lost, finds the old one ended and the new one there.
      if (edited && !edited.ok) return refused(edited.error)
      const stamp = await deps.stamp(parsed.value, principal, id)
      // Asked again after every wait: a stop that came meanwhile holds for this intent too (law 7).
      const late = stopped(deps.gateNow())
      if (late) return late
      admitted = await take(stamp, declared, edited?.value.order)
    }
    if (!admitted.ok) return refused(admitted.error)

    const { held, isNew } = admitted.value
    const { record } = held
    // After the new one is durable: a stop between the two leaves both to be seen, and neither lost.
    if (edited?.ok && record.state !== 'refused' && isSame(held)) await ledger.change(edited.value.record.id, supersededBy(edited.value.record))
    if (!isNew) return again(held)
    deps.counters.count('claimed')
    if (record.failure) risk(record.failure)
    if (record.state === 'awaiting-approval') {
      deps.counters.count('escalated')
      deps.log.line({ level: 'info', text: '[MAESTRO] Escalating to MAN mode - Human approval needed' })
    }
    await deps.onAdmitted(record)
    return ok({ receipt: receiptView(record, deps.surroundings()), idempotent: false })
  }
}

/** What becomes of a call that another took the place of: a dead one is given up; one that was approved meanwhile, and left, is not taken back. */
const supersededBy = ({ state }: ReceiptRecord): Fact =>
  state === 'dead'
    ? { kind: 'cancelled', anyway: true, failure: failure('CANCELLED', 'edited and sent anew') }
    : { kind: 'cancelled', failure: failure('SUPERSEDED', 'edited: another took its place') }
