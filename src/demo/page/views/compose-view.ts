import { CONTACTS } from '../../actions/contacts.ts'
import type { App } from '../app/app.ts'
import { formView } from './form-view.ts'
import type { View } from './view.ts'

/** Writing a mail by hand. The address book fills the first field through `#/compose/NAME`: no address in the address bar, because browsers keep that on disk. */
export const composeView = (app: App): View => {
  const view = formView(app, {
    id: 'compose',
    title: 'Compose',
    icon: 'compose',
    lead: 'Mail to people in your contacts just goes out. Mail to anybody else is shown to you first.',
    form: {
      action: 'email.send',
      label: 'Compose a mail',
      submit: 'Send',
      fields: [
        { name: 'to', label: 'To', type: 'email', placeholder: 'anna@example.com' },
        { name: 'subject', label: 'Subject' },
        { name: 'body', label: 'Message', rows: 7 },
      ],
      params: (value) => ({ to: value('to'), subject: value('subject'), body: value('body') }),
    },
    listTitle: 'Mail on its way',
    empty: 'No mail yet.',
  })
  return {
    ...view,
    enter: (rest) => {
      const contact = CONTACTS.find(({ name }) => name === rest)
      if (contact !== undefined) view.set('to', contact.email)
    },
  }
}
