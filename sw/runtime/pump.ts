/**
 * The outbox pump: runs what is due, in order inside sequences, six at a time, and knows when to come back.
 *
 * P1 One pump at a time on this origin, by a Web Lock held for the whole drain; leases stay correct without it.
 * P2 A poke during a drain is never lost: the drain looks again before it ends.
 * P3 What is left when a drain ends has a next event: its due time, a wake-up, a page, or a person.
 */
import { failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import { dueNow, isMovable, nextDueAt } from '../core/next-due.ts'
import { declaredOf } from '../core/action-of.ts'
import { isOff } from '../core/gate-state.ts'
import type { Fact } from '../core/apply-fact.ts'
import { overdue } from '../core/overdue.ts'
import { planAttempts } from '../core/plan-attempts.ts'
import { FINAL, isOwed, type ReceiptRecord } from '../core/receipt-record.ts'
import type { Actions } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { LockDep } from '../ports/lock.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { WakeDep } from '../ports/wake.ts'
import type { Attempt } from './attempt.ts'
import { mayRun, type Gate } from './gate.ts'
import { inParallel } from './in-parallel.ts'
import type { Hooks } from './kit.ts'
import type { Held, Ledger } from './ledger.ts'
import type { ServerLedger } from './server-ledger.ts'
import type { ServerTime } from './server-time.ts'

export type Pump = {
  /** Drains; resolves true when nothing of the present principal is left that time or network could move. */
  drain(hint?: { readonly isNetworkBack: boolean }): Promise<boolean>
  /** Resolves when the present drain, if there is one, is over. */
  idle(): Promise<unknown>
}

type Deps = ClockDep &
  LockDep &
  NetworkDep &
  WakeDep & {
    readonly actions: Actions
    readonly hasServer: boolean
    readonly alone: ReadonlySet<string>
    readonly attempt: Attempt
    readonly gate: Gate
    readonly hooks: Hooks
    readonly ledger: Ledger
    readonly server: ServerLedger
    readonly time: ServerTime
    /** Loads what a cold worker does not know yet; `null` when it has. */
    readonly prepare: () => Promise<void> | null
    readonly principal: () => Principal | null
    readonly needsSignIn: () => boolean
  }

export function createPump(deps: Deps): Pump {
  let draining: Promise<boolean> | null = null
  let poke = new AbortController()
  let isPoked = false
  let isNetworkBack = false
  /** Whose receipts were looked at since this worker started. */
  const looked = new Set<string>()

  const mine = (): readonly Held[] => {
    const principal = deps.principal()
    return principal ? deps.ledger.waiting(principal) : []
  }

  /** All at once, so that what a dead worker left behind costs one transaction, not one each. */
  const tellAll = (facts: readonly { readonly id: string; readonly fact: Fact }[]): Promise<unknown> =>
    Promise.all(facts.map(({ id, fact }) => deps.ledger.change(id, fact)))

  async function tellOverdue(now: number): Promise<void> {
    const principal = deps.principal()
    if (principal === null) return
    const owner = ownerOf(principal)
    const isFirstLook = !looked.has(owner)
    looked.add(owner)
    await tellAll(
      mine().flatMap(({ record }) => {
        const effect = declaredOf(deps.actions, record)?.effect
        const fact = effect ? overdue(record, effect, now, isFirstLook, deps.hasServer) : null
        return fact ? [{ id: record.id, fact }] : []
      }),
    )
  }

  /** Late by the server's clock and by this device's: a wrong one alone takes no question from a person. */
  async function expire(): Promise<void> {
    const late = (): readonly Held[] =>
      mine().filter(({ record }) => record.state === 'awaiting-approval' && record.call.expires <= Math.min(deps.time.now(), deps.clock.now()))
    const principal = deps.principal()
    if (principal === null || late().length === 0) return
    if (!deps.time.isKnown()) await deps.server.catchUp(principal)
    if (!deps.time.isKnown()) return
    const fact: Fact = { kind: 'expired', failure: failure('EXPIRED', 'nobody decided in time') }
    await tellAll(late().map(({ record }) => ({ id: record.id, fact })))
  }

  /** What this device could move now: without network or a token it is what asks for neither. */
  const isAble = (record: ReceiptRecord): boolean => {
    const declared = declaredOf(deps.actions, record)
    // What another build asked for is left as it is until a build that knows it is back (trap 23); what a kit holds, until it does no more.
    if (!declared || deps.hooks.holds(record)) return false
    if (deps.needsSignIn()) return declared.effect.kind === 'local'
    return deps.network.online() || (record.state !== 'unknown' && declared.effect.kind !== 'http')
  }

  const dueEffects = (): readonly Held[] => dueNow(mine(), deps.clock.now(), isNetworkBack).filter(({ record }) => isAble(record))

  const owed = (): readonly Held[] => mine().filter(({ record }) => isOwed(record))

  async function runDue(): Promise<void> {
    for (;;) {
      if (!mayRun(deps.gate)) return
      const due = dueEffects()
      isNetworkBack = false
      if (due.length === 0) return
      const plans = planAttempts(
        due.map(({ record }) => record),
        deps.actions,
        deps.alone,
      )
      await inParallel(plans, LIMITS.parallelEffectsMax, deps.attempt.run)
      // The network came back meanwhile: the gate is asked first.
      if (isNetworkBack || due.every(({ record }) => deps.ledger.present(record.id)?.record === record)) return
    }
  }

  /** Completions go together: each waits for its own answer, the requests carry as many as they can. */
  async function settleOwed(): Promise<boolean> {
    if (isOff(deps.gate.view()) || deps.needsSignIn()) return true
    const settled = await Promise.all(owed().map(({ record }) => deps.server.settle(record).catch(() => false)))
    return settled.every(Boolean)
  }

  const isWaitingForTime = ({ record }: Held): boolean =>
    declaredOf(deps.actions, record) !== undefined && (isMovable(record) || record.state === 'leased')

  const hasWork = (): boolean => mine().some(({ record }) => !FINAL.has(record.state) || isOwed(record))

  async function drainOnce(): Promise<boolean> {
    isPoked = false
    if (isOff(deps.gate.view())) await deps.gate.refresh()
    // Held work may be there; the browser goes on waking us, so that it is found when the gate opens.
    if (isOff(deps.gate.view())) return false
    const preparing = deps.prepare()
    if (preparing) await preparing
    const opened = await deps.ledger.open()
    if (!opened.ok) return false
    if (!hasWork()) return true
    if (!deps.network.online()) deps.server.noteOffline()
    let isGateAsked = false
    for (;;) {
      isPoked = false
      poke = new AbortController()
      await tellOverdue(deps.clock.now())
      await expire()
      // Before a wake's first effect or request, and not for work that is not due: an intent that only waits costs no fetch. Who was out of
      // reach may have missed a stop, though this drain has asked.
      if ((!isGateAsked || isNetworkBack) && (dueEffects().length > 0 || owed().length > 0)) {
        isGateAsked = true
        await deps.gate.refresh()
      }
      await runDue()
      const isSettled = await settleOwed()
      if (isPoked) continue
      if (isSettled && !mine().some(isWaitingForTime)) {
        await catchUp()
        if (isPoked) continue
        return true
      }
      const due = nextDueAt(mine(), isAble)
      const waitMs = due === null ? null : due - deps.clock.now()
      await deps.wake.request()
      if (isPoked) continue
      if (!deps.network.online() || !mayRun(deps.gate) || waitMs === null || waitMs > LIMITS.lingerMs) return false
      // What is due and did not move (a full disk, say) is looked at again in a moment, never in a spin.
      await deps.clock.sleep(waitMs > 0 ? waitMs : LIMITS.backoffBaseMs, poke.signal)
    }
  }

  /** The chain follows its receipts; that it lags is no reason to stay awake. */
  async function catchUp(): Promise<void> {
    const principal = deps.principal()
    if (principal && !isOff(deps.gate.view()) && !deps.needsSignIn()) await deps.server.catchUp(principal).catch(() => undefined)
  }

  function drain(hint?: { readonly isNetworkBack: boolean }): Promise<boolean> {
    isPoked = true
    isNetworkBack ||= hint?.isNetworkBack ?? false
    poke.abort()
    draining ??= deps.lock
      .hold('maestro-pump', drainOnce)
      .catch(async () => {
        // Whatever went wrong, the browser knows that there is work; nobody who waits is answered by a spin.
        isPoked = false
        await deps.wake.request().catch(() => undefined)
        return false
      })
      .then((isDone) => {
        draining = null
        // Poked between its last look and now: somebody waits for another round.
        return isPoked ? drain() : isDone
      })
    return draining
  }

  return { drain, idle: async () => draining }
}
