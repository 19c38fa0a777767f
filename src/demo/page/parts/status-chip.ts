import type { Status } from '../../../protocol/views.ts'
import { h } from '../dom/h.ts'

export type StatusChip = { readonly element: HTMLElement; show(status: Status): void }

/** A receipt's public word, coloured by what it means; the word alone is enough to understand it. */
export const statusChip = (status: Status | null = null): StatusChip => {
  const element = h('span', { class: 'chip' })
  const show = (next: Status): void => {
    if (element.dataset['status'] === next) return
    element.dataset['status'] = next
    element.textContent = next
  }
  if (status !== null) show(status)
  return { element, show }
}
