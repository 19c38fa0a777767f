import type { ReceiptView } from '../protocol/views.ts'
import type { Feed } from './feed.ts'
import type { Budget } from './keyed-list.ts'
import type { OutboxOptions } from './options.ts'
import type { OutboxSource } from './source.ts'

/** What rows and cards are given: where to read, whom to ask, and how to say it. */
export type Desk = {
  readonly root: ShadowRoot
  readonly source: OutboxSource
  readonly feed: Feed
  readonly budget: Budget
  readonly options: OutboxOptions
  readonly words: (receipt: ReceiptView) => { readonly title: string; readonly detail: string }
  /** Says a short sentence to screen readers, politely. */
  readonly say: (sentence: string) => void
}
