/**
 * The outbox pump: runs what is due, in order inside sequences, six at a time, and knows when to come back.
 *
 * P1 One pump at a time on this origin, by a Web Lock held for the whole drain; leases stay correct without it.
 * P2 A poke during a drain is never lost: the drain looks again before it ends.
 * P3 What is left when a drain ends has a next event: its due time, a wake-up, a page, or a person.
 */
import { failure } from '../../src/protocol/failure.ts'
import { LIMITS } from '../../src/protocol/limits.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { dueNow, nextDueAt } from '../core/next-due.ts'
import { FINAL } from '../core/receipt-record.ts'
import type { Actions } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { LockDep } from '../ports/lock.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { WakeDep } from '../ports/wake.ts'
import { mayRun, type Attempt } from './attempt.ts'
import { isOff, type Gate } from './gate.ts'
import { isOwnedBy, isWaiting, type Held, type Ledger } from './ledger.ts'
import type { ServerLedger } from './server-ledger.ts'

export type Pump = {
  /** Drains; resolves true when nothing of the present principal is left that time or network could move. */
  drain(hint?: { readonly isNetworkBack: boolean }): Promise<boolean>
}

type Deps = ClockDep &
  LockDep &
  NetworkDep &
  WakeDep & {
    readonly actions: Actions
    readonly attempt: Attempt
    readonly gate: Gate
    readonly ledger: Ledger
    readonly server: ServerLedger
    readonly principal: () => Principal | null
  }

export function createPump(deps: Deps): Pump {
  let draining: Promise<boolean> | null = null
  let poke = new AbortController()
  let isPoked = false
  let isNetworkBack = false
  let isRecovered = false

  const mine = (): readonly Held[] => {
    const principal = deps.principal()
    return principal ? deps.ledger.all().filter((held) => isOwnedBy(held, principal)) : []
  }

  /** A lease that a dead worker left behind: sent again where the key protects, otherwise its outcome is unknown. */
  async function recover(): Promise<void> {
    const isFirst = !isRecovered
    isRecovered = true
    for (const { record } of deps.ledger.all()) {
      // Expiry releases a lease, not memory (law 4); but at a start nobody is left who could be running one.
      if (record.state !== 'leased' || (!isFirst && (record.leaseUntil ?? 0) > deps.clock.now())) continue
      const effect = Object.hasOwn(deps.actions, record.call.action) ? deps.actions[record.call.action]?.effect : undefined
      if (effect?.kind === 'http' && effect.keyed)
        await deps.ledger.change(record.id, { kind: 'postponed', dueAt: deps.clock.now(), waiting: 'ledger', counts: false })
      else await deps.ledger.change(record.id, { kind: 'unknown', failure: failure('OUTCOME_UNKNOWN', 'the worker stopped before an answer came') })
    }
  }

  async function expire(): Promise<void> {
    for (const { record } of deps.ledger.all()) {
      if (record.state === 'awaiting-approval' && record.call.expires <= deps.clock.now())
        await deps.ledger.change(record.id, { kind: 'expired', failure: failure('EXPIRED', 'nobody decided in time') })
    }
  }

  async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
    const queue = [...items]
    const lane = async (): Promise<void> => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item).catch(() => undefined)
    }
    await Promise.all(Array.from({ length: Math.min(LIMITS.parallelEffectsMax, items.length) }, lane))
  }

  const dueEffects = (): readonly Held[] =>
    dueNow(mine(), deps.clock.now(), isNetworkBack).filter(({ record }) => {
      const declared = Object.hasOwn(deps.actions, record.call.action) ? deps.actions[record.call.action] : undefined
      return deps.network.online() || declared?.effect.kind !== 'http'
    })

  const owed = (): readonly Held[] => mine().filter(({ record }) => FINAL.has(record.state) && !record.synced)

  async function runDue(): Promise<void> {
    for (;;) {
      if (!mayRun(deps.gate)) return
      const due = dueEffects()
      isNetworkBack = false
      if (due.length === 0) return
      const before = new Map(due.map(({ record }) => [record.id, record]))
      await inParallel(due, ({ record }) => deps.attempt(record))
      const moved = mine().some(({ record }) => before.has(record.id) && before.get(record.id) !== record)
      if (!moved) return
    }
  }

  async function settleOwed(): Promise<boolean> {
    if (isOff(deps.gate.view())) return true
    let isSettled = true
    await inParallel(owed(), async ({ record }) => {
      if (isSettled && !(await deps.server.settle(record))) isSettled = false
    })
    return isSettled
  }

  const isIdle = (isSettled: boolean): boolean => isSettled && !mine().some(({ record }) => record.state === 'ready' || record.state === 'leased')

  async function drainOnce(): Promise<boolean> {
    isPoked = false
    if (isOff(deps.gate.view())) await deps.gate.refresh()
    if (isOff(deps.gate.view())) return true
    const opened = await deps.ledger.open()
    if (!opened.ok) return false
    if (mine().every((held) => !isWaiting(held) && held.record.synced)) return true
    if (!deps.network.online()) deps.server.noteOffline()
    let isGateAsked = false
    for (;;) {
      isPoked = false
      poke = new AbortController()
      await recover()
      await expire()
      // Before a wake's first effect or request, and not for work that is not due: an intent that only waits costs no fetch.
      if (!isGateAsked && (dueEffects().length > 0 || owed().length > 0)) {
        isGateAsked = true
        await deps.gate.refresh()
      }
      await runDue()
      const isSettled = await settleOwed()
      if (isPoked) continue
      if (isIdle(isSettled)) return true
      const due = nextDueAt(mine())
      const waitMs = due === null ? null : due - deps.clock.now()
      await deps.wake.request()
      if (isPoked) continue
      if (!deps.network.online() || !mayRun(deps.gate) || waitMs === null || waitMs > LIMITS.lingerMs) return false
      // What is due and did not move (a full disk, say) is looked at again in a moment, never in a spin.
      await deps.clock.sleep(waitMs > 0 ? waitMs : LIMITS.backoffBaseMs, poke.signal)
    }
  }

  function drain(hint?: { readonly isNetworkBack: boolean }): Promise<boolean> {
    isPoked = true
    isNetworkBack ||= hint?.isNetworkBack ?? false
    poke.abort()
    draining ??= deps.lock
      .hold('maestro-pump', drainOnce)
      .catch(() => false)
      .then((isDone) => {
        draining = null
        // Poked between its last look and now: somebody waits for another round.
        return isPoked ? drain() : isDone
      })
    return draining
  }

  return { drain }
}
