import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { formView } from './form-view.ts'
import type { View } from './view.ts'

/** Notes are kept on this device, sealed. While MAESTRO is off they stay in this tab, as the app's own path. */
export const notesView = (app: App): View => {
  const kept = h('ul', { class: 'plain-list' })
  const extra = h('section', { class: 'card', hidden: true }, h('h2', {}, 'Kept in this tab only, without MAESTRO'), kept)
  return formView(app, {
    id: 'notes',
    title: 'Notes',
    icon: 'notes',
    lead: 'Notes stay on this device, encrypted. They work the same with and without a network.',
    form: {
      action: 'note.add',
      label: 'Write a note',
      submit: 'Keep the note',
      fields: [{ name: 'text', label: 'Note', rows: 4 }],
      params: (value) => ({ text: value('text') }),
      fallback: (params) => {
        extra.hidden = false
        kept.prepend(h('li', {}, String(params['text'])))
        return { kept: 'in this tab' }
      },
    },
    listTitle: 'Your notes',
    empty: 'No notes yet.',
    extra,
  })
}
