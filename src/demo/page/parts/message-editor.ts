import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { field } from './field.ts'

/** A form that rewrites one message in memory. */
export const messageEditor = (app: App, id: string, done: () => void): HTMLFormElement => {
  const message = app.mailbox.get(id)
  const subject = field({ name: 'subject', label: 'Subject', value: message?.subject ?? '' })
  const body = field({
    name: 'body',
    label: 'Message',
    rows: 10,
    value: message?.body ?? '',
    hint: 'Write an instruction into it and let the assistant read it again.',
  })
  const form = h(
    'form',
    {
      class: 'editor',
      autocomplete: 'off',
      'aria-label': `Edit the message from ${message?.name ?? ''}`,
      onsubmit: (event) => {
        event.preventDefault()
        app.mailbox.edit(id, { subject: subject.control.value, body: body.control.value })
        app.announce('The message is changed')
        done()
      },
    },
    subject.element,
    body.element,
    h(
      'div',
      { class: 'row' },
      h('button', { type: 'submit', class: 'button primary' }, 'Save'),
      h('button', { type: 'button', class: 'button', onclick: done }, 'Cancel'),
    ),
  )
  queueMicrotask(() => body.control.focus())
  return form
}
