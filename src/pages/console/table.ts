import { h, type Child } from '../../demo/page/dom/h.ts'

/** A table that a narrow screen can scroll sideways, by keyboard too. */
export const table = (caption: string, heads: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement =>
  h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', {}, caption),
      h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, head)))),
      h('tbody', {}, ...rows.map((cells) => h('tr', {}, ...cells.map((cell) => h('td', {}, cell))))),
    ),
  )
