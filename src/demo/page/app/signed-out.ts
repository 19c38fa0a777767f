import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { PEOPLE } from './people.ts'

/** Shown to nobody in particular: who could sign in. */
export const showSignedOut = (root: HTMLElement): void =>
  root.replaceChildren(
    h(
      'main',
      { class: 'start' },
      h('h1', {}, 'Signed out'),
      h('p', { class: 'lead' }, 'Whatever was not sent yet is sealed on this device, and waits for the person it belongs to.'),
      h(
        'div',
        { class: 'row' },
        ...PEOPLE.map((person) => h('a', { class: 'button', href: `/?user=${person}` }, icon('user'), `Sign in as ${person}`)),
      ),
    ),
  )
