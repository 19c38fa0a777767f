/// <reference lib="webworker" />
/** The demo's own worker: MAESTRO composed in, beside an app shell that opens offline. */
import { createMaestro, http, local } from '../../../sw/boot/index.ts'
import { rescueCapsule } from '../../../sw/boot/rescue-capsule.ts'
import { supabase } from '../../../sw/boot/supabase.ts'
import {
  AppliedSchema,
  conversationOf,
  DIRECTORIES,
  EmailSchema,
  EventSchema,
  FileSchema,
  NoteSchema,
  PaymentSchema,
  WHEN_OFF,
} from '../actions/actions.ts'
import { keepAppShell } from './app-shell.ts'

keepAppShell()

createMaestro({
  server: supabase({ url: '' }),
  rescue: rescueCapsule,
  directories: DIRECTORIES,
  actions: {
    'note.add': {
      version: 1,
      title: 'Add a note',
      params: NoteSchema,
      roles: { text: 'content' },
      lane: { base: 'GREEN', because: 'a note stays on this device' },
      effect: local(({ text }) => ({ noted: text ?? '' })),
      whenOff: WHEN_OFF['note.add'],
      reversible: true,
    },
    'email.send': {
      version: 1,
      title: 'Send an e-mail',
      params: EmailSchema,
      roles: { to: 'target', subject: 'detail', body: 'content' },
      lane: {
        base: 'GREEN',
        because: 'an e-mail to somebody in the contacts',
        rules: [
          { id: 'outside-contacts', when: { param: 'to', notInDirectory: 'contacts' }, lane: 'RED', because: 'the address is not in the contacts' },
        ],
      },
      effect: http({ url: '/api/demo/email', answer: AppliedSchema, batch: { url: '/api/demo/batch', max: 100 } }),
      sequence: conversationOf,
    },
    'event.create': {
      version: 1,
      title: 'Create an event',
      params: EventSchema,
      roles: { title: 'detail', start: 'detail', end: 'detail', attendees: 'target' },
      lane: { base: 'YELLOW', because: 'invitations go out after a moment to undo' },
      undoMs: 10_000,
      effect: http({ url: '/api/demo/events', answer: AppliedSchema }),
      reversible: true,
    },
    'payment.transfer': {
      version: 1,
      title: 'Transfer money',
      params: PaymentSchema,
      roles: { iban: 'target', amount: 'amount', currency: 'amount', reference: 'content' },
      lane: { base: 'RED', because: 'money leaves the account' },
      effect: http({ url: '/api/demo/payments', answer: AppliedSchema }),
    },
    'file.delete': {
      version: 1,
      title: 'Delete a file',
      params: FileSchema,
      roles: { id: 'object' },
      lane: { base: 'RED', because: 'a deleted file does not come back' },
      effect: http({ url: '/api/demo/files/delete', answer: AppliedSchema }),
    },
  },
})
