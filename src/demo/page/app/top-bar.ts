import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { svg } from '../dom/svg.ts'
import type { App } from './app.ts'
import { personMenu } from './person-menu.ts'

const mark = (): SVGElement =>
  svg(
    'svg',
    { class: 'mark', viewBox: '0 0 32 32', 'aria-hidden': 'true' },
    svg('path', { d: 'M16 4v24M7 17a9 9 0 0 0 18 0M11 10h10', class: 'mark-line' }),
    svg('circle', { cx: 16, cy: 4.5, r: 2.5 }),
  )

/** The product's name, who is signed in, what waits for them, and the way back to the explanation. */
export const topBar = (app: App, explain: () => void): HTMLElement => {
  const waiting = h('button', { type: 'button', class: 'button small warn', hidden: true, onclick: app.review })
  const link = h('span', { class: 'link-state' })
  app.live.watch((snapshot) => {
    const count = snapshot.approvals.length
    waiting.hidden = count === 0
    waiting.textContent = count === 1 ? '1 waits for you' : `${count} wait for you`
    link.dataset['online'] = String(snapshot.online)
    link.textContent = snapshot.online ? 'online' : 'offline'
  })
  return h(
    'header',
    { class: 'top' },
    h(
      'a',
      { class: 'brand', href: '#/assistant' },
      mark(),
      h('span', {}, h('strong', {}, 'Harbour'), h('span', { class: 'brand-by' }, 'governed by MAESTRO')),
    ),
    h(
      'div',
      { class: 'top-right' },
      waiting,
      link,
      personMenu(app),
      h(
        'button',
        { type: 'button', class: 'button small ghost', onclick: explain },
        icon('question'),
        h('span', { class: 'wide-only' }, 'What is this?'),
        h('span', { class: 'unseen narrow-only' }, 'What is this?'),
      ),
    ),
  )
}
