import type { ReceiptView } from '../protocol/views.ts'
import { WINDOW_MAX } from './feed.ts'
import type { OutboxSource } from './source.ts'

export type Unsent = { readonly count: number; readonly oldest: readonly ReceiptView[]; readonly isAll: boolean }

/** How much has not gone out, what failed included: exact for a page of it, the worker's own count beyond, and where the page cannot be had. */
export const unsent = async (source: OutboxSource): Promise<Unsent> => {
  const page = await source.outbox({ limit: WINDOW_MAX }).catch(() => null)
  const waiting = source.snapshot?.waiting ?? 0
  if (page === null) return { count: waiting, oldest: [], isAll: false }
  return { count: page.next === null ? page.items.length : Math.max(waiting, page.items.length), oldest: page.items, isAll: page.next === null }
}
