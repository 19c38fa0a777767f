import { CONTACTS } from '../../actions/contacts.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { messageEditor } from './message-editor.ts'

export type MessageCard = { readonly element: HTMLElement; refresh(): void }

/** A message that opens in place and can be rewritten there. */
export const messageCard = (app: App, id: string, level: 'h2' | 'h3' | 'h4'): MessageCard => {
  const element = h('details', { class: 'message' })
  const body = h('div', { class: 'message-body' })
  const summary = h('summary', { class: 'message-head' })
  const show = (): void => {
    const message = app.mailbox.get(id)
    if (message === null) return
    const known = CONTACTS.some(({ email }) => email === message.from)
    const edited = app.mailbox.edited(id)
    summary.replaceChildren(
      h('span', { class: 'avatar', 'aria-hidden': 'true', 'data-known': String(known) }, message.name.slice(0, 1)),
      h(
        'span',
        { class: 'message-who' },
        h(
          'span',
          { class: 'message-name' },
          message.name,
          known ? null : h('span', { class: 'tag' }, 'outside'),
          edited ? h('span', { class: 'tag edited' }, 'edited') : null,
        ),
        h(level, { class: 'message-subject' }, message.subject),
      ),
      h('span', { class: 'message-when' }, message.when),
    )
    body.replaceChildren(
      h('p', { class: 'message-from' }, `From ${message.from}`),
      h('p', { class: 'message-text' }, message.body),
      h(
        'div',
        { class: 'row' },
        h('button', { type: 'button', class: 'button small', 'aria-label': `Edit: ${message.subject}`, onclick: edit }, icon('compose'), 'Edit'),
        edited
          ? h(
              'button',
              {
                type: 'button',
                class: 'button small',
                'aria-label': `Put back as written: ${message.subject}`,
                onclick: () => app.mailbox.reset(id),
              },
              icon('reset'),
              'Put back',
            )
          : null,
      ),
    )
  }
  const edit = (): void => body.replaceChildren(messageEditor(app, id, leave))
  const leave = (): void => {
    show()
    summary.focus()
  }
  element.append(summary, body)
  show()
  return { element, refresh: show }
}
