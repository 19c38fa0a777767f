import type { ReceiptView, Snapshot, WaitingFor } from '../protocol/views.ts'

/** How often a visible page asks for the kill document: the bound on how late a flip is noticed by poll. */
const GATE_POLL_MS = 15_000
/** Never sleep longer than this before looking at due times again. */
const LOOK_MS = 20_000
/** A worker that dies of its work is started for it no more often than this. */
const NEXT_MS = 5_000
/** Waits that no wake-up ends: a person or an operator must act. */
const NOBODY_BUT: ReadonlySet<WaitingFor | undefined> = new Set(['approval', 'person', 'gate', 'sign-in', 'sequence', 'export', 'update'])

/**
 * While a page is open it is the worker's alarm clock: an idle worker is stopped after 30 s whatever timers it has.
 * Wakes it when something is due, when the network or the person comes back, and polls the gate.
 *
 * @returns to be called when a worker is gone: the next one is woken at once where that one left something under way or due, which would
 * otherwise wait for a poll, or for its lease to end.
 */
export function keepAwake(snapshot: () => Snapshot | null, ask: (what: 'wake' | 'refreshGate', args: { network?: boolean }) => void): () => void {
  const duesOf = (receipts: readonly ReceiptView[]): readonly number[] =>
    receipts.flatMap(({ dueAt, waitingFor }) =>
      dueAt !== undefined && !NOBODY_BUT.has(waitingFor) && (navigator.onLine || waitingFor !== 'network') ? [dueAt] : [],
    )
  const look = (): void => {
    const now = Date.now()
    const { receipts = [], waiting = 0 } = snapshot() ?? {}
    const dues = duesOf(receipts)
    const next = Math.min(...dues, now + LOOK_MS)
    // Of what waits and is not in the snapshot only the worker knows when it is due.
    const isMore = waiting > receipts.filter(({ dueAt }) => dueAt !== undefined).length
    if (isMore || dues.some((due) => due <= now)) ask('wake', {})
    // What was due and is still there will not move for being asked every second.
    setTimeout(look, next <= now ? LOOK_MS : Math.max(1_000, next - now))
  }
  look()
  setInterval(() => document.visibilityState === 'visible' && ask('refreshGate', {}), GATE_POLL_MS)
  window.addEventListener('online', () => ask('wake', { network: true }))
  window.addEventListener('offline', () => ask('wake', {}))
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && ask('wake', {}))
  let nextAt = 0
  return () => {
    const { receipts = [] } = snapshot() ?? {}
    const isLeft = receipts.some(({ waitingFor }) => waitingFor === 'running') || duesOf(receipts).some((due) => due <= Date.now())
    if (!isLeft || performance.now() < nextAt) return
    nextAt = performance.now() + NEXT_MS
    ask('wake', {})
  }
}
