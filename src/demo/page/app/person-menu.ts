import { confirmSignOut } from '../../../panel/index.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import type { App } from './app.ts'
import { PEOPLE } from './people.ts'

/** Who is signed in, and the ways to be somebody else or nobody. Unsent work is asked about first. */
export const personMenu = (app: App): HTMLElement => {
  const leave = async (to: string): Promise<void> => {
    element.hidePopover()
    if ((await confirmSignOut(app.client)) === 'cancel') return
    await app.client.signOut()
    location.assign(to)
  }
  const others = PEOPLE.filter((person) => person !== app.user)
  const choice = (label: string, to: string): HTMLElement =>
    h('button', { type: 'button', class: 'button small', onclick: () => void leave(to) }, label)
  const element = h(
    'div',
    { class: 'menu', id: 'person-menu', popover: 'auto' },
    h('p', { class: 'hint' }, `Signed in as ${app.user}. What ${app.user} has not sent stays sealed for everybody else.`),
    ...others.map((person) => choice(`Switch to ${person}`, `/?user=${person}`)),
    choice('Sign out', '/?user=nobody'),
  )
  const opener = h(
    'button',
    { type: 'button', class: 'button small ghost who', popovertarget: element.id, 'aria-label': `${app.user}: switch person or sign out` },
    icon('user'),
    h('span', { class: 'wide-only' }, app.user),
  )
  return h('div', { class: 'person-menu' }, opener, element)
}
