import type { ReceiptView, Snapshot } from '../../../protocol/views.ts'
import type { Connected } from './connected.ts'

/** Often enough for a countdown in whole seconds to look right. */
const TICK_MS = 250

export type Live = {
  snapshot(): Snapshot | null
  receipt(key: string): ReceiptView | null
  /** Calls back with the present snapshot, if any, and every later one; returns the way to stop. */
  watch(listener: (snapshot: Snapshot) => void): () => void
  /** Calls back while some receipt is in its undo window. */
  tick(listener: () => void): () => void
}

/** The page's one subscription to the worker's snapshots, shared by all views. */
export const createLive = (client: Connected): Live => {
  const watchers = new Set<(snapshot: Snapshot) => void>()
  const tickers = new Set<() => void>()
  let byKey = new Map<string, ReceiptView>()
  let current = client.snapshot
  let timer: ReturnType<typeof setInterval> | null = null

  const accept = (snapshot: Snapshot): void => {
    current = snapshot
    byKey = new Map(snapshot.receipts.map((receipt) => [receipt.key, receipt]))
    for (const watcher of watchers) watcher(snapshot)
    const counting = snapshot.receipts.some((receipt) => receipt.waitingFor === 'undo window')
    if (counting) timer ??= setInterval(() => tickers.forEach((ticker) => ticker()), TICK_MS)
    else if (timer !== null) {
      clearInterval(timer)
      timer = null
    }
  }
  if (current !== null) accept(current)
  client.subscribe(accept)

  return {
    snapshot: () => current,
    receipt: (key) => byKey.get(key) ?? null,
    watch: (listener) => {
      watchers.add(listener)
      if (current !== null) listener(current)
      return () => void watchers.delete(listener)
    },
    tick: (listener) => {
      tickers.add(listener)
      return () => void tickers.delete(listener)
    },
  }
}
