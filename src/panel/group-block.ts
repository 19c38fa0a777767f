import { h, write } from '../dialog/h.ts'
import type { ReceiptView } from '../protocol/views.ts'
import type { Group } from './arrange.ts'
import type { Desk } from './desk.ts'
import { glyph } from './glyph.ts'
import { keyedList } from './keyed-list.ts'
import type { Part } from './keyed-list.ts'
import { reasonPhrase } from './phrases.ts'
import { waitingRow } from './waiting-row.ts'

/** The items that wait for the same thing, under its name. */
export const groupBlock = (desk: Desk): Part<Group> => {
  const name = h('span', {})
  const count = h('span', { class: 'count' })
  const heading = h('h3', {}, name, ' ', count)
  const list = h('ul', {})
  const element = h('li', { class: 'group' }, heading, list)
  const show = keyedList(
    list,
    ({ key }: ReceiptView) => key,
    () => waitingRow(desk),
    desk.budget,
  )
  return {
    element,
    show: ({ reason, receipts }) => {
      const { snapshot, before, after } = desk.feed.state
      if (snapshot === null) return
      if (name.textContent === '') heading.prepend(glyph(reason))
      write(name, reasonPhrase(reason, snapshot.gate))
      write(count, before || after ? `${receipts.length} shown` : String(receipts.length))
      show(receipts)
    },
  }
}
