import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import type { IconName } from '../dom/icon.ts'

export type Place = { readonly id: string; readonly title: string; readonly icon: IconName; readonly on: 'both' | 'wide' | 'narrow' }

/** The same links are a side bar on a wide screen and tabs at the bottom of a phone. */
export const navigation = (places: readonly Place[]): { readonly element: HTMLElement; readonly links: readonly HTMLAnchorElement[] } => {
  const links = places.map(({ id, title, icon: name, on }) =>
    h('a', { href: `#/${id}`, 'data-place': id, 'data-on': on }, icon(name), h('span', {}, title)),
  )
  return {
    element: h(
      'nav',
      { class: 'navigation', 'aria-label': 'Workspace' },
      h('ul', {}, ...links.map((link) => h('li', { 'data-on': link.dataset['on'] }, link))),
    ),
    links,
  }
}
