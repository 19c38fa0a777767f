import type { App } from '../app/app.ts'
import type { IconName } from '../dom/icon.ts'
import { h } from '../dom/h.ts'
import { actionForm } from '../parts/action-form.ts'
import type { ActionFormOptions } from '../parts/action-form.ts'
import { receiptList } from '../parts/receipt-list.ts'
import { pageHead } from './page-head.ts'
import type { View } from './view.ts'

export type FormViewOptions = {
  readonly id: string
  readonly title: string
  readonly icon: IconName
  readonly lead: string
  readonly form: ActionFormOptions
  readonly listTitle: string
  readonly empty: string
  /** Shown below the form. */
  readonly extra?: HTMLElement
}

/** A place with one form for one action, and that action's receipts below it. */
export const formView = (
  app: App,
  { id, title, icon, lead, form, listTitle, empty, extra }: FormViewOptions,
): View & { readonly set: (name: string, value: string) => void } => {
  const made = actionForm(app, form)
  return {
    id,
    title,
    icon,
    set: made.set,
    element: h(
      'section',
      { class: 'view' },
      pageHead(title, lead),
      made.element,
      ...(extra === undefined ? [] : [extra]),
      h(
        'section',
        { class: 'card' },
        h('h2', {}, listTitle),
        receiptList(app, { label: listTitle, pick: (receipt) => receipt.action === form.action, empty, max: 12 }),
      ),
    ),
  }
}
