import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { messageCard } from '../parts/message-card.ts'
import { pageHead } from './page-head.ts'
import type { View } from './view.ts'

/** The written messages; each can be rewritten in place. */
export const inboxView = (app: App): View => {
  const cards = app.mailbox.all().map(({ id }) => messageCard(app, id, 'h2'))
  const reset = h('button', { type: 'button', class: 'button', onclick: () => app.mailbox.reset() }, icon('reset'), 'Put all messages back')
  const refresh = (): void => {
    reset.hidden = !app.mailbox.all().some(({ id }) => app.mailbox.edited(id))
    for (const card of cards) card.refresh()
  }
  app.mailbox.watch(refresh)
  refresh()
  return {
    id: 'inbox',
    title: 'Inbox',
    icon: 'inbox',
    element: h(
      'section',
      { class: 'view' },
      pageHead('Inbox', 'Anybody could have written these. Rewrite one and let the assistant read it again.'),
      h('div', { class: 'row' }, h('a', { class: 'button primary', href: '#/compose' }, icon('compose'), 'Compose'), reset),
      h('div', { class: 'card messages' }, ...cards.map((card) => card.element)),
    ),
  }
}
