import type { ReceiptView } from '../../../protocol/views.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { receiptCard } from './receipt-card.ts'
import type { ReceiptCard } from './receipt-card.ts'

export type ReceiptListOptions = {
  /** The list's name for screen readers. */
  readonly label: string
  readonly pick: (receipt: ReceiptView) => boolean
  readonly empty: string
  readonly max: number
}

/** A live list of receipts, newest first. Cards stay the same elements while they are listed, so focus is not lost. */
export const receiptList = (app: App, { label, pick, empty, max }: ReceiptListOptions): HTMLElement => {
  const cards = new Map<string, ReceiptCard>()
  const list = h('ul', { class: 'receipts', 'aria-label': label })
  const none = h('p', { class: 'empty' }, empty)
  const more = h('p', { class: 'hint', hidden: true })
  app.live.watch((snapshot) => {
    const all = snapshot.receipts.filter(pick)
    const picked = all.slice(0, max)
    const keys = new Set(picked.map((receipt) => receipt.key))
    for (const [key, card] of cards) {
      if (keys.has(key)) continue
      card.stop()
      card.element.remove()
      cards.delete(key)
    }
    picked.forEach((receipt, index) => {
      const known = cards.get(receipt.key)
      const card = known ?? receiptCard(app, receipt)
      if (known === undefined) cards.set(receipt.key, card)
      else known.show(receipt)
      if (list.children[index] !== card.element) list.insertBefore(card.element, list.children[index] ?? null)
    })
    list.hidden = picked.length === 0
    none.hidden = picked.length > 0
    more.hidden = all.length <= max
    more.textContent = `and ${all.length - max} more`
  })
  list.hidden = cards.size === 0
  return h('div', {}, list, none, more)
}
