import { UNDELIVERABLE } from '../../actions/actions.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'

const SUBJECT = 'Re: Launch party'

/** Lets a visitor see a failure: two mails of one conversation, the first of which the back end refuses, and the second waits for. */
export const tryFailure = (app: App): HTMLElement => {
  const send = async (): Promise<void> => {
    await app.client.execute('email.send', { to: UNDELIVERABLE, subject: SUBJECT, body: 'Who brings the cake?' })
    await app.client.execute('email.send', { to: UNDELIVERABLE, subject: SUBJECT, body: 'Found somebody, thank you!' })
    app.announce('Two mails are on their way. The first will be refused.')
  }
  return h(
    'section',
    { class: 'try' },
    h('h3', {}, 'See a failure'),
    h(
      'p',
      { class: 'hint' },
      'Two mails of one conversation go to an address that no mail server takes. The first fails, the second keeps its place behind it. Change the address and send them on.',
    ),
    h('button', { type: 'button', class: 'button small', onclick: () => void send() }, 'Send two mails that cannot arrive'),
  )
}
