import { SESSIONS } from '../../sessions/sessions.ts'
import type { Session } from '../../sessions/session.ts'
import type { App } from '../app/app.ts'
import { sessionPanel } from '../assistant/session-panel.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { pageHead } from './page-head.ts'
import type { View } from './view.ts'

const card = (session: Session): HTMLElement =>
  h(
    'li',
    {},
    h(
      'a',
      { class: 'card session-card', href: `#/assistant/${session.id}`, 'data-hostile': session.hostile },
      session.hostile ? h('span', { class: 'tag danger' }, icon('warning'), 'hidden instruction') : h('span', { class: 'tag calm' }, 'everyday'),
      h('span', { class: 'session-title' }, session.title),
      h('span', { class: 'session-summary' }, session.summary),
      h('span', { class: 'session-go', 'aria-hidden': 'true' }, 'Open', icon('asks')),
    ),
  )

/** The sessions to choose from, and the chosen one. Panels are kept, so a transcript is still there after a look elsewhere. */
export const assistantView = (app: App): View => {
  const panels = new Map<string, HTMLElement>()
  const list = h(
    'div',
    {},
    pageHead(
      'What should your assistant do?',
      'Pick a piece of work. The assistant is quick, helpful and far too trusting. Watch what happens to each thing it tries.',
    ),
    h('ul', { class: 'session-cards' }, ...SESSIONS.map(card)),
  )
  const place = h('div', {}, list)
  return {
    id: 'assistant',
    title: 'Assistant',
    icon: 'assistant',
    element: h('section', { class: 'view' }, place),
    enter: (rest) => {
      const session = SESSIONS.find(({ id }) => id === rest)
      if (session === undefined) return place.replaceChildren(list)
      const panel = panels.get(session.id) ?? sessionPanel(app, session)
      panels.set(session.id, panel)
      place.replaceChildren(panel)
    },
  }
}
