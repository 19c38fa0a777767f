import { h, write } from '../dialog/h.ts'
import { button } from './button.ts'
import type { Desk } from './desk.ts'
import { exportSheet } from './export-sheet.ts'
import { glyph } from './glyph.ts'
import { importSheet } from './import-sheet.ts'
import type { PanelParts } from './panel-parts.ts'
import { counted } from './phrases.ts'
import { takeBack } from './take-back.ts'

/** The ways out of this browser, into it, and back: the rescue capsule's buttons. */
export const travelActs = ({ root, source, feed, say }: Desk, { taken, travel }: PanelParts): ((exported: number, unsent: number) => void) => {
  const words = h('p', {})
  const back = button('Take back', 'main', async () => {
    const { taken: count, wrong } = await takeBack(source)
    say(wrong ?? `${counted(count, 'action')} taken back`)
    feed.refresh()
  })
  const out = button('Take unsent work with you', '', async () => {
    const count = await exportSheet(root, source)
    if (count !== null) say(`${counted(count, 'action')} taken out`)
    feed.refresh()
  })
  const into = button('Bring unsent work in', '', async () => {
    const report = await importSheet(root, source)
    if (report !== null) say(report)
    feed.refresh()
  })
  taken.replaceChildren(h('div', { class: 'text' }, h('h3', {}, glyph('export'), 'Taken out in a file'), words), back)
  travel.replaceChildren(out, into)
  return (exported, unsent) => {
    const [is, them] = exported === 1 ? ['is', 'it'] : ['are', 'them']
    write(words, `${counted(exported, 'action')} ${is} held here until imported elsewhere, or until you take ${them} back.`)
    taken.hidden = exported === 0
    out.hidden = unsent === 0
  }
}
