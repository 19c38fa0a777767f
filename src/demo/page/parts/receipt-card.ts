import { digestWords } from '../../../base/digest-words.ts'
import { TERMINAL } from '../../../protocol/views.ts'
import type { ReceiptView } from '../../../protocol/views.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { describeAction } from './describe-action.ts'
import { formatClock } from './format-time.ts'
import { statusChip } from './status-chip.ts'
import { waitingWords } from './waiting-words.ts'

export type ReceiptCard = { readonly element: HTMLLIElement; show(receipt: ReceiptView): void; stop(): void }

/** One receipt, live: what, by whom, its word, why it waits, and what may be done about it. */
export const receiptCard = (app: App, first: ReceiptView): ReceiptCard => {
  let receipt = first
  const words = describeAction(first.action, first.params)
  const chip = statusChip()
  const why = h('p', { class: 'receipt-why' })
  const count = h('span', { class: 'countdown' })
  const named = (verb: string): string => `${verb}: ${words.title}`
  const button = (label: string, act: () => Promise<unknown>, ...extra: readonly Node[]): HTMLButtonElement =>
    h('button', { type: 'button', class: 'button small', 'aria-label': named(label), onclick: () => void act() }, label, ...extra)
  const cancel = async (): Promise<void> => {
    const handle = await app.client.handle(receipt.key)
    const stopped = handle !== null && (await handle.cancel())
    app.announce(stopped ? `${words.title}: will not run` : `${words.title}: too late to stop`)
  }
  const undo = button('Undo', cancel, count)
  const drop = button('Cancel', cancel)
  const review = button('Review', async () => app.review())
  const retry = button('Try again', () => app.client.retry(receipt.key))
  const discard = button('Discard', () => app.client.discard(receipt.key))
  const element = h(
    'li',
    { class: 'receipt' },
    h('span', { class: 'receipt-icon' }, icon(words.icon)),
    h(
      'div',
      { class: 'receipt-main' },
      h('p', { class: 'receipt-title' }, words.title),
      words.detail === '' ? null : h('p', { class: 'receipt-detail' }, words.detail),
      h('p', { class: 'receipt-by' }, `${first.agent ?? 'you'} · ${formatClock(first.admittedAt)}`),
      why,
      // The words by which the approvals dialog called the very same call.
      first.lane === 'RED' && first.digest !== '' ? h('p', { class: 'receipt-by' }, `Digest words: ${digestWords(first.digest).join(' · ')}`) : null,
      h('div', { class: 'row' }, undo, drop, review, retry, discard),
    ),
    h('div', { class: 'receipt-state' }, chip.element, h('span', { class: 'lane', 'data-lane': first.lane }, first.lane)),
  )
  const countDown = (): void => {
    const left = receipt.waitingFor === 'undo window' && receipt.dueAt !== undefined ? receipt.dueAt - Date.now() : 0
    count.textContent = left > 0 ? `${Math.ceil(left / 1000)} s` : ''
    undo.hidden = left <= 0
  }
  const stop = app.live.tick(countDown)
  const show = (next: ReceiptView): void => {
    receipt = next
    element.dataset['status'] = next.status
    chip.show(next.status)
    why.textContent = waitingWords(next)
    const open = !TERMINAL.has(next.status)
    drop.hidden = !open || next.waitingFor === 'undo window' || next.waitingFor === 'running'
    review.hidden = next.status !== 'awaiting-approval'
    retry.hidden = next.status !== 'dead'
    discard.hidden = next.status !== 'dead'
    countDown()
  }
  show(first)
  return { element, show, stop }
}
