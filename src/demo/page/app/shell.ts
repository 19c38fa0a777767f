import { MaestroApprovals, defineMaestroApprovals } from '../../../dialog/index.ts'
import { verifyWithPasskey } from '../../../passkeys/verify-with-passkey.ts'
import { INBOX } from '../../sessions/inbox.ts'
import { h } from '../dom/h.ts'
import { controlRoom } from '../room/control-room.ts'
import { actView } from '../views/act-view.ts'
import { assistantView } from '../views/assistant-view.ts'
import { calendarView } from '../views/calendar-view.ts'
import { composeView } from '../views/compose-view.ts'
import { contactsView } from '../views/contacts-view.ts'
import { filesView } from '../views/files-view.ts'
import { inboxView } from '../views/inbox-view.ts'
import { notesView } from '../views/notes-view.ts'
import { paymentsView } from '../views/payments-view.ts'
import { createAnnouncer } from './announcer.ts'
import type { App } from './app.ts'
import { banner } from './banner.ts'
import type { Connected } from './connected.ts'
import { intro } from './intro.ts'
import { createLive } from './live.ts'
import { createMailbox } from './mailbox.ts'
import { createDemoMemory } from './memory.ts'
import { navigation } from './navigation.ts'
import type { Place } from './navigation.ts'
import { startRouter } from './router.ts'
import { topBar } from './top-bar.ts'

/** Builds the whole workspace around a connected client. */
export const showShell = (root: HTMLElement, client: Connected, user: string): void => {
  const announcer = createAnnouncer()
  const live = createLive(client)
  live.watch(announcer.observe)
  defineMaestroApprovals()
  const approvals = document.createElement('maestro-approvals')
  if (approvals instanceof MaestroApprovals) {
    approvals.maestro = client
    approvals.options = {
      ...approvals.options,
      verify: verifyWithPasskey(client, { email: `${user}@example.com`, note: `In this demo the password is “${user}”.` }),
    }
  }
  const review = (): void => {
    if (approvals instanceof MaestroApprovals) approvals.open()
  }
  const app: App = { client, user, live, mailbox: createMailbox(INBOX), memory: createDemoMemory(client), announce: announcer.say, review }
  const assistant = assistantView(app)
  const inbox = inboxView(app)
  const byHand = [composeView(app), contactsView(), paymentsView(app), calendarView(app), filesView(app), notesView(app)]
  const act = actView(byHand)
  const places: readonly Place[] = [
    { ...assistant, on: 'both' },
    { ...inbox, on: 'both' },
    ...byHand.map((view): Place => ({ ...view, on: 'wide' })),
    { ...act, on: 'narrow' },
    { id: 'room', title: 'Control', icon: 'room', on: 'narrow' },
  ]
  const room = controlRoom(app)
  const { element, links } = navigation(places)
  const explain = intro()
  const main = startRouter([assistant, inbox, ...byHand, act], links, room)
  root.replaceChildren(
    h(
      'a',
      {
        class: 'skip',
        href: '#main',
        onclick: (event) => {
          event.preventDefault()
          main.querySelector<HTMLElement>('h1')?.focus()
        },
      },
      'Skip to the content',
    ),
    topBar(app, explain.open),
    element,
    h('div', { class: 'middle' }, banner(app), explain.element, main),
    room,
    announcer.element,
  )
  document.body.append(approvals)
}
