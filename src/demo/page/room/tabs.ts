import { h } from '../dom/h.ts'
import type { RoomSection } from './section.ts'

/** Beyond this a tab's number would push its neighbours to another line. */
const COUNT_MAX = 999

/** Tabs with the usual keys: arrows, Home and End move; the chosen tab is the only one in the tab order. */
export const tabs = (label: string, sections: readonly RoomSection[]): HTMLElement => {
  const made = sections.map((section) => {
    const count = h('span', { class: 'count', hidden: true })
    const tab = h(
      'button',
      { type: 'button', role: 'tab', class: 'tab', id: `tab-${section.id}`, 'aria-controls': `panel-${section.id}` },
      section.title,
      count,
    )
    const panel = h('div', { role: 'tabpanel', class: 'panel', id: `panel-${section.id}`, 'aria-labelledby': tab.id, tabindex: 0 }, section.element)
    section.count?.((value) => {
      count.hidden = value === 0
      count.textContent = value > COUNT_MAX ? `${COUNT_MAX}+` : String(value)
    })
    return { section, tab, panel }
  })
  const choose = (index: number, focus: boolean): void =>
    made.forEach(({ section, tab, panel }, place) => {
      const chosen = place === index
      tab.setAttribute('aria-selected', String(chosen))
      tab.tabIndex = chosen ? 0 : -1
      panel.hidden = !chosen
      if (!chosen) return
      section.enter?.()
      if (focus) tab.focus()
    })
  made.forEach(({ tab }, index) => {
    tab.addEventListener('click', () => choose(index, false))
    tab.addEventListener('keydown', (event) => {
      const last = made.length - 1
      const next = { ArrowRight: index === last ? 0 : index + 1, ArrowLeft: index === 0 ? last : index - 1, Home: 0, End: last }[event.key]
      if (next === undefined) return
      event.preventDefault()
      choose(next, true)
    })
  })
  choose(0, false)
  return h(
    'div',
    {},
    h('div', { role: 'tablist', class: 'tabs', 'aria-label': label }, ...made.map(({ tab }) => tab)),
    ...made.map(({ panel }) => panel),
  )
}
