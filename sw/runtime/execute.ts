/**
 * One intent, from session and gate through admission and policy to a durable receipt.
 *
 * E1 Resolves when the intent is durable or refused; never waits for the network.
 * E2 The gate is asked before admission (law 7); a `local` effect commits with its admission (law 3).
 * E3 What exists under the key decides: same parameters give it back, other parameters are refused.
 */
import type { JsonObject } from '../../src/base/json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { judge } from '../../src/policy/judge.ts'
import type { Directories } from '../../src/policy/lane-rules.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { GateView, Principal, ReceiptView } from '../../src/protocol/views.ts'
import { admit, fingerprint, receiptId } from '../core/admit.ts'
import { applyFact } from '../core/apply-fact.ts'
import { runLocal } from '../core/run-local.ts'
import { receiptView, type Surroundings } from '../core/project.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import { actionOf } from '../core/action-of.ts'
import type { Actions } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { KeyringDep } from '../ports/keyring.ts'
import type { LogDep } from '../ports/log.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { RandomDep } from '../ports/random.ts'
import { readCapability } from './capability.ts'
import type { Counters } from './counters.ts'
import { isOff } from './gate.ts'
import type { Hooks, Judged } from './kit.ts'
import { isOwnedBy, type Held, type Ledger } from './ledger.ts'
import { parseIntent, type Asked } from './parse-intent.ts'
import type { ServerTime } from './server-time.ts'
import type { Session } from './session.ts'

export type Executed = { readonly receipt: ReceiptView; readonly idempotent: boolean }

export type Execute = (asked: Asked & { readonly capability?: string | undefined }, gate: GateView) => Promise<Result<Executed, Failure>>

const NOBODY: Principal = { tenant: '', user: '' }

type Deps = ClockDep &
  KeyringDep &
  LogDep &
  NetworkDep &
  RandomDep & {
    readonly actions: Actions
    readonly directories: Directories
    readonly origin: string
    readonly hooks: Hooks
    readonly ledger: Ledger
    readonly session: Session
    readonly time: ServerTime
    readonly counters: Counters
    readonly surroundings: () => Surroundings
    readonly gateNow: () => GateView
    /** Something new may be due, or is out of reach: then it resolves when the browser knows to wake us. */
    readonly onAdmitted: (record: ReceiptRecord) => Promise<void>
  }

export function createExecute(deps: Deps): Execute {
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

  const risk = (why: Failure): void => {
    deps.counters.count('blocked')
    deps.log.line({ level: 'warn', text: `[MAESTRO RISK] Blocked: ${why.code}`, code: why.code })
  }

  function gateFailure(gate: GateView, agent: string | null, effect: string): Failure | null {
    if (isOff(gate))
      return agent === null ? failure('DISABLED', 'MAESTRO is off') : failure('AGENT_STOPPED', 'agents are stopped while MAESTRO is off')
    if (gate.state === 'readonly' && effect !== 'local') return failure('GATE_READONLY', 'only actions without effects run now')
    if (gate.state === 'drain') return failure('GATE_DRAINING', 'no new work is taken now')
    return null
  }

  function stamp(
    parsed: { intent: Parameters<typeof admit>[0]; declared: Parameters<typeof admit>[1] },
    verdict: Judged,
    principal: Principal,
    replaced: Held | null,
  ): { record: ReceiptRecord; order: number; kinds: string[] } | Failure {
    const seq = deps.ledger.nextOrder()
    const order = replaced?.order ?? seq
    const stamps = { now: deps.clock.now(), issued: deps.time.now(), nonce: deps.random.hex(16), seq, origin: deps.origin, principal }
    const isObserved = parsed.declared.mode === 'observe'
    const ruling: Judged = isObserved ? { lane: 'GREEN', reasons: ['only observed'] } : verdict
    const admitted = admit({ ...parsed.intent, sources: verdict.sources ?? parsed.intent.sources }, parsed.declared, ruling, stamps)
    const record = isObserved ? { ...admitted, observed: { lane: verdict.lane, reasons: [...verdict.reasons] } } : admitted
    const { effect } = parsed.declared
    if (effect.kind !== 'local' || record.state !== 'ready' || record.dueAt > stamps.now) return { record, order, kinds: ['admitted'] }
    const ran = runLocal(effect, record.call)
    if (ran.kind === 'dead') return ran.failure
    return { record: applyFact(record, ran, stamps.now) ?? record, order, kinds: ['admitted', 'done'] }
  }

  return async (asked, gate) => {
    const principal = deps.session.principal()
    if (!principal) {
      // Off is said first: nobody can be signed in on a device that was never on, and the app's own path must still run.
      const off = isOff(gate) && actionOf(deps.actions, asked.action) ? gateFailure(gate, asked.capability ?? null, '') : null
      return off ? refuse(asked, NOBODY, off, 'disabled') : err(failure('SIGNED_OUT', 'nobody is signed in'))
    }
    const agent = asked.capability === undefined ? null : await readCapability(deps, asked.capability, principal)
    if (asked.capability !== undefined && agent === null) {
      const why = failure('AGENT_INVALID', 'not a capability of this person')
      risk(why)
      return refuse(asked, principal, why)
    }
    const parsed = await parseIntent(asked, agent, deps.actions)
    if (!parsed.ok) {
      risk(parsed.error)
      return refuse(asked, principal, parsed.error)
    }
    const { intent, declared } = parsed.value
    const subject = { action: intent.action, agent, principal }
    const stopped = gateFailure(deps.hooks.gate(gate, subject), agent, declared.effect.kind)
    if (stopped) {
      // What was taken before the stop is held, not refused: whoever asks again must not be sent the app's own way as well (E3).
      const there = agent === null && gate.cause !== 'window' ? deps.ledger.present(receiptId(principal, intent.key)) : null
      if (there) return again(there.record, intent.action, intent.params, declared.version, asked, principal)
      return refuse(asked, principal, stopped, isOff(gate) ? 'disabled' : 'refused')
    }
    const opened = await deps.ledger.open()
    if (!opened.ok) return refuse(asked, principal, opened.error)

    const id = receiptId(principal, intent.key)
    // Admission finds what is there by itself; the disk is asked first only where something else depends on the answer.
    const mustKnow =
      declared.effect.kind === 'local' ||
      asked.replaces !== undefined ||
      deps.ledger.openCount() >= LIMITS.outboxMax ||
      (declared.offline === 'refuse' && !deps.network.online())
    const before = deps.ledger.present(id) ?? (mustKnow ? await deps.ledger.find(id) : null)
    if (!before) {
      if (declared.offline === 'refuse' && !deps.network.online())
        return refuse(asked, principal, failure('OFFLINE_REFUSED', 'this action is not taken offline'))
      if (deps.ledger.openCount() >= LIMITS.outboxMax) return refuse(asked, principal, failure('OUTBOX_FULL', 'too much is waiting already'))
    }
    const found = asked.replaces === undefined ? null : await replaceable(asked.replaces, principal, intent)
    const replaced = found && 'record' in found ? found : null
    // The same edit again, after its answer was lost, finds the old one ended and the new one there.
    if (found && 'code' in found && !before) return refuse(asked, principal, found)
    const verdict = before
      ? null
      : await deps.hooks.judge({ intent, declared, principal }, judge(declared.lane, intent.params, agent, deps.directories))
    // Asked again after every wait: a stop that came meanwhile holds for this intent too (law 7).
    const late = gateFailure(deps.hooks.gate(isOff(gate) ? gate : deps.gateNow(), subject), agent, declared.effect.kind)
    if (late) return refuse(asked, principal, late, late.code === 'DISABLED' || late.code === 'AGENT_STOPPED' ? 'disabled' : 'refused')
    const stamped = verdict && stamp(parsed.value, verdict, principal, replaced)
    if (stamped && 'code' in stamped) return refuse(asked, principal, stamped)
    const admitted = stamped
      ? await deps.ledger.admit(stamped.record, stamped.order, stamped.kinds)
      : before
        ? ok({ held: before, isNew: false })
        : null
    if (!admitted) return refuse(asked, principal, failure('STORAGE_FAILED', 'the intent could not be stored'))
    if (!admitted.ok) return refuse(asked, principal, admitted.error)

    // After the new one is durable: a stop between the two leaves both to be seen, and neither lost.
    if (replaced)
      await deps.ledger.change(replaced.record.id, { kind: 'cancelled', anyway: true, failure: failure('CANCELLED', 'edited and sent anew') })
    const { record } = admitted.value.held
    if (!admitted.value.isNew) return again(record, intent.action, intent.params, declared.version, asked, principal)
    deps.counters.count('claimed')
    if (record.state === 'refused') risk(record.failure ?? failure('POLICY_BLOCKED', 'blocked'))
    if (record.state === 'awaiting-approval') {
      deps.counters.count('escalated')
      deps.log.line({ level: 'info', text: '[MAESTRO] Escalating to MAN mode - Human approval needed' })
    }
    await deps.onAdmitted(record)
    return ok({ receipt: receiptView(record, deps.surroundings()), idempotent: false })
  }

  /** Only a person edits, and only what is dead: of anything else the first form may still run. */
  async function replaceable(
    key: string,
    principal: Principal,
    { action, agent }: { action: string; agent: string | null },
  ): Promise<Held | Failure> {
    const held = await deps.ledger.find(receiptId(principal, key))
    return held && agent === null && isOwnedBy(held, principal) && held.record.state === 'dead' && held.record.call.action === action
      ? held
      : failure('NOT_REPLACEABLE', 'only a dead receipt of the same action can be edited', 'replaces')
  }

  function again(
    record: ReceiptRecord,
    action: string,
    params: JsonObject,
    version: number,
    asked: Asked,
    principal: Principal,
  ): Result<Executed, Failure> {
    if (record.paramsDigest !== fingerprint(action, version, params)) {
      const why = failure('KEY_REUSED', 'this key was used for something else', 'key')
      risk(why)
      return refuse(asked, principal, why)
    }
    deps.log.line({ level: 'info', text: '[MAESTRO] Idempotent execution - returning prior result' })
    return ok({ receipt: receiptView(record, deps.surroundings()), idempotent: true })
  }
}
