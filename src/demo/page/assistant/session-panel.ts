import { CONTACTS } from '../../actions/contacts.ts'
import { FILES } from '../../actions/files.ts'
import type { Session } from '../../sessions/session.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { field } from '../parts/field.ts'
import { messageCard } from '../parts/message-card.ts'
import { plan } from './plan.ts'
import { run } from './run.ts'
import { transcript } from './transcript.ts'

/** One session: the request and the messages as they read now (both can be rewritten), and the transcript of the newest run. */
export const sessionPanel = (app: App, session: Session): HTMLElement => {
  const request = field({ name: 'request', label: 'What you ask for', rows: 4, value: session.request })
  const cards = session.reads.map((id) => messageCard(app, id, 'h3'))
  const log = transcript(app)
  let going: AbortController | null = null

  const start = h('button', { type: 'submit', class: 'button primary large' }, icon('play'), 'Run')
  const reset = h('button', { type: 'button', class: 'button', onclick: () => putBack() }, icon('reset'), 'Put back as written')
  const refresh = (): void => {
    for (const card of cards) card.refresh()
    reset.hidden = request.control.value === session.request && !session.reads.some((id) => app.mailbox.edited(id))
  }
  const putBack = (): void => {
    request.control.value = session.request
    for (const id of session.reads) app.mailbox.reset(id)
    refresh()
  }
  const go = async (): Promise<void> => {
    going?.abort()
    const mine = new AbortController()
    going = mine
    start.lastChild?.replaceWith('Run again')
    const messages = session.reads.flatMap((id) => app.mailbox.get(id) ?? [])
    const text = request.control.value
    const steps = plan({ request: text, user: app.user, messages, people: CONTACTS, files: FILES, now: new Date() })
    log.begin(text)
    try {
      await run(app, { request: text, steps, onStep: log.step, onGoverned: log.governed, signal: mine.signal })
      if (!mine.signal.aborted) log.end()
    } catch (problem) {
      log.fail(problem instanceof Error ? problem.message : String(problem))
    }
  }
  request.control.addEventListener('input', refresh)
  app.mailbox.watch(refresh)
  refresh()
  return h(
    'div',
    { class: 'session' },
    h('a', { class: 'back', href: '#/assistant' }, '← All sessions'),
    h('header', { class: 'page-head' }, h('h1', { tabindex: '-1' }, session.title), h('p', { class: 'lead' }, session.summary)),
    h(
      'form',
      {
        class: 'card form',
        autocomplete: 'off',
        'aria-label': 'The request',
        onsubmit: (event) => {
          event.preventDefault()
          void go()
        },
      },
      request.element,
      h('div', { class: 'row' }, start, reset),
      h('p', { class: 'watch' }, icon('reads'), session.watch),
    ),
    h(
      'section',
      { class: 'session-reads' },
      h('h2', {}, 'What it will read'),
      h('div', { class: 'card messages' }, ...cards.map((card) => card.element)),
    ),
    log.element,
  )
}
