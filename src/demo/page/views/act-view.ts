import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { pageHead } from './page-head.ts'
import type { View } from './view.ts'

/** A phone's way to the places that its tabs have no room for. */
export const actView = (places: readonly View[]): View => ({
  id: 'act',
  title: 'Workspace',
  icon: 'act',
  element: h(
    'section',
    { class: 'view' },
    pageHead('Workspace', 'Do it yourself. Your own acts are governed by the same rules.'),
    h(
      'ul',
      { class: 'tiles' },
      ...places.map((place) => h('li', {}, h('a', { class: 'card tile', href: `#/${place.id}` }, icon(place.icon), place.title))),
    ),
  ),
})
