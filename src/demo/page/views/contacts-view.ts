import { CONTACTS } from '../../actions/contacts.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { pageHead } from './page-head.ts'
import type { View } from './view.ts'

/** The team's address book. Being in it is what makes a mail routine. */
export const contactsView = (): View => ({
  id: 'contacts',
  title: 'Contacts',
  icon: 'contacts',
  element: h(
    'section',
    { class: 'view' },
    pageHead('Contacts', 'Mail to these people is routine. Everybody else is a stranger to your assistant.'),
    h(
      'ul',
      { class: 'card people' },
      ...CONTACTS.map(({ name, email, role }) =>
        h(
          'li',
          { class: 'person' },
          h('span', { class: 'avatar', 'aria-hidden': 'true', 'data-known': 'true' }, name.slice(0, 1)),
          h(
            'div',
            { class: 'person-main' },
            h('p', { class: 'person-name' }, name),
            h('p', { class: 'person-mail' }, email),
            h('p', { class: 'hint' }, role),
          ),
          h('a', { class: 'button small', href: `#/compose/${name}`, 'aria-label': `Write to ${name}` }, icon('compose'), 'Write'),
        ),
      ),
    ),
  ),
})
