/**
 * Whether an effect may start: its approval, the gate, the shared ledger's word, and then the lease, on disk (laws 4, 6, 7).
 */
import { digestJson } from '../../src/base/digest.ts'
import { failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import { isKeyed } from '../core/action-of.ts'
import type { Fact } from '../core/apply-fact.ts'
import { ownerPrincipal, type ReceiptRecord } from '../core/receipt-record.ts'
import type { ActionDeclaration } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { LogDep } from '../ports/log.ts'
import { mayRun, type Gate } from './gate.ts'
import type { Hooks } from './kit.ts'
import type { Outcomes } from './outcomes.ts'
import type { ClaimAnswer, ServerLedger } from './server-ledger.ts'
import type { ServerTime } from './server-time.ts'

type Deps = ClockDep &
  LogDep & {
    readonly hasServer: boolean
    readonly gate: Gate
    readonly hooks: Hooks
    readonly outcomes: Outcomes
    readonly server: ServerLedger
    readonly time: ServerTime
  }

export type Granted = { readonly record: ReceiptRecord; readonly declared: ActionDeclaration; readonly fence: number | null }

export type Grants = {
  /** The gate's word in general, and for this receipt: whether its effect may start. */
  isOpen(record: ReceiptRecord): boolean
  isRunnable(record: ReceiptRecord, declared: ActionDeclaration): Promise<boolean>
  isGateSure(records: readonly ReceiptRecord[]): Promise<boolean>
  grant(record: ReceiptRecord, declared: ActionDeclaration): Promise<Granted | null>
  lease(granted: Granted): Promise<ReceiptRecord | null>
  adopt(record: ReceiptRecord, state: string, result: Extract<Fact, { kind: 'done' }>['result']): Promise<void>
}

/** Law 6: what runs is what was approved, to the byte. Anything else asks again, which is to say: never runs. */
const isApproved = ({ lane, asks, approved, call, digest }: ReceiptRecord, declared: ActionDeclaration): boolean => {
  // What was stamped, and what this build would ask for now: the stricter counts.
  const mustAsk = asks || lane === 'RED' || (lane === 'YELLOW' && declared.undoMs === undefined)
  return digestJson(call) === digest && (!mustAsk || approved?.digest === digest)
}

/** Whether its approval and its policy count now: later attempts are the same attempt, of which no answer came. */
const isFirst = ({ attempts, revived }: ReceiptRecord): boolean => attempts === 0 || revived === true

export function createGrants(deps: Deps): Grants {
  const { tell, later } = deps.outcomes

  const isOpen = (record: ReceiptRecord): boolean => mayRun(deps.gate) && !deps.hooks.holds(record)

  const isLate = (record: ReceiptRecord): boolean =>
    record.approved !== null && isFirst(record) && record.call.expires < Math.min(deps.time.now(), deps.clock.now())

  /** An approval that ended before a first attempt, or before another that a person asked for, runs nothing; where only this device's clock says so, the server's is asked first. */
  async function isTooLate(record: ReceiptRecord): Promise<boolean> {
    if (isLate(record) && !deps.time.isKnown()) await deps.server.catchUp(ownerPrincipal(record))
    if (!isLate(record)) return false
    if (deps.time.isKnown()) await tell(record.id, { kind: 'expired', failure: failure('EXPIRED', 'its approval ended') })
    else await later(record, 'ledger')
    return true
  }

  /** Whether its effect may start now, as far as this device can say; what may not is told so. */
  async function isRunnable(record: ReceiptRecord, declared: ActionDeclaration): Promise<boolean> {
    if (await isTooLate(record)) return false
    if (!isApproved(record, declared)) {
      await tell(record.id, { kind: 'dead', failure: failure('APPROVAL_CHANGED', 'this is not what was approved') })
      return false
    }
    const why = isFirst(record) ? await deps.hooks.recheck(record) : null
    if (!why) return isOpen(record)
    if (why === 'wait') await later(record, 'network')
    // What may have left once is not said to have been refused.
    else await tell(record.id, { kind: record.attempts > 0 ? 'dead' : 'refused', failure: why })
    return false
  }

  /** A RED effect waits for a word of the gate that still holds. */
  async function isGateSure(records: readonly ReceiptRecord[]): Promise<boolean> {
    if (deps.hasServer && records.some(({ lane }) => lane === 'RED')) {
      await deps.gate.refresh()
      if (!deps.gate.isRunFresh()) {
        await Promise.all(records.map((record) => later(record, 'network')))
        return false
      }
    }
    return mayRun(deps.gate)
  }

  /** The shared ledger's word: a fence to go ahead with, or `null` when this attempt is over. */
  async function claim(record: ReceiptRecord, declared: ActionDeclaration): Promise<{ fence: number | null } | null> {
    // What could not even be asked (a kit's digest failed) is asked again later.
    const answer = await deps.server.claim(record).catch((): ClaimAnswer => ({ kind: 'failed', why: 'in-progress', waitMs: 0 }))
    if (answer.kind === 'claimed') {
      // A fence that follows on ours: nobody else was granted it since. Where ours came with the question, a person has decided.
      const isOurs = answer.fence === (record.fence ?? 0) + 1
      if (!answer.isBegunElsewhere || isKeyed(declared.effect) || isOurs || answer.fence === null) return { fence: answer.fence }
      await tell(record.id, {
        kind: 'unknown',
        asks: true,
        fence: answer.fence,
        failure: failure('OUTCOME_UNKNOWN', 'another device began this and never said how it ended'),
      })
      return null
    }
    if (answer.kind === 'settled') {
      await adopt(record, answer.state, answer.result)
      return null
    }
    const { why, waitMs } = answer
    if (why === 'key-reused')
      await tell(record.id, { kind: 'refused', failure: failure('KEY_REUSED', 'another device used this key for something else') })
    else if (why === 'in-progress') await later(record, 'ledger', { floorMs: waitMs })
    else if (why === 'auth') await later(record, 'sign-in')
    else if (declared.offline !== 'local' && (record.lane === 'RED' || !isKeyed(declared.effect))) await later(record, 'network', { floorMs: waitMs })
    else return { fence: null }
    return null
  }

  /** Another device, or an earlier life of this one, ended it. */
  async function adopt(record: ReceiptRecord, state: string, result: Extract<Fact, { kind: 'done' }>['result']): Promise<void> {
    deps.log.line({ level: 'info', text: '[MAESTRO] Idempotent execution - returning prior result' })
    if (state === 'done') await tell(record.id, { kind: 'done', result })
    else await tell(record.id, { kind: 'dead', failure: failure('CLAIMED_ELSEWHERE', `another device ended this as ${state}`) })
  }

  /** A key that the far end may have forgotten is never sent again blindly (trap 5). */
  async function isRemembered(record: ReceiptRecord, keptUntil: number): Promise<boolean> {
    if (!deps.time.isKnown()) await later(record, 'ledger')
    else if (deps.time.now() > keptUntil)
      await tell(record.id, {
        kind: 'unknown',
        asks: deps.hasServer,
        failure: failure('OUTCOME_UNKNOWN', 'too old to be sent again: its key may be forgotten'),
      })
    else return true
    return false
  }

  /** Claimed and still wanted, or `null` when it is not this attempt's to run. */
  async function grant(record: ReceiptRecord, declared: ActionDeclaration): Promise<Granted | null> {
    const claimed = await claim(record, declared)
    // The claim's answer carries the newest kill version: one that this device has not seen is looked at before anything runs (law 7).
    await deps.gate.caughtUp()
    // The claim's answer told the server's time: it may be later than this device knew.
    if (!claimed || !isOpen(record) || (await isTooLate(record))) return null
    if (declared.effect.kind === 'http' && record.keptUntil !== null && !(await isRemembered(record, record.keptUntil))) return null
    return { record, declared, fence: claimed.fence }
  }

  /** The lease, on disk. Whatever else an attempt needs it has by then: nothing is waited for between this and the effect (law 4). */
  async function lease({ record, declared: { effect }, fence }: Granted): Promise<ReceiptRecord | null> {
    const keptMs = Math.min(deps.server.retentionMs() ?? Infinity, (effect.kind === 'http' && effect.keptForMs) || Infinity)
    const keptUntil = Number.isFinite(keptMs) ? deps.time.now() + keptMs : null
    const leased = await tell(record.id, { kind: 'leased', until: deps.clock.now() + LIMITS.leaseMs, fence, keptUntil })
    if (!leased || isOpen(leased)) return leased
    await later(leased, 'ledger')
    return null
  }

  return { isOpen, isRunnable, isGateSure, grant, lease, adopt }
}
