/// <reference lib="webworker" />
/** What the demo's workers are made of, whichever of them is built. */
import type { MaestroOptions } from '../../../sw/boot/create-maestro.ts'
import { http, local } from '../../../sw/boot/index.ts'
import { killswitch } from '../../../sw/boot/killswitch.ts'
import { memory } from '../../../sw/boot/memory.ts'
import { notices } from '../../../sw/boot/notices.ts'
import { passkeys } from '../../../sw/boot/passkeys.ts'
import { provenance } from '../../../sw/boot/policy.ts'
import { proofs } from '../../../sw/boot/proofs.ts'
import { rescueCapsule } from '../../../sw/boot/rescue-capsule.ts'
import { pageToken, supabase } from '../../../sw/boot/supabase.ts'
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
import { VERSION } from '../../protocol/version.ts'

const stop = import.meta.env?.VITE_MAESTRO_STOP_KEY
const resume = import.meta.env?.VITE_MAESTRO_RESUME_KEY

type Kits = NonNullable<MaestroOptions['kits']>

/** @param guards the kits that score what strangers wrote. */
export const demoOptions = (guards: Kits): MaestroOptions => ({
  server: supabase({ url: '' }),
  rescue: rescueCapsule,
  kits: [
    provenance(),
    ...guards,
    passkeys({ url: '' }),
    notices(),
    memory({ server: { url: '' } }),
    proofs({ url: '' }),
    pageToken(),
    ...(stop && resume ? [killswitch({ stop, resume, release: VERSION })] : []),
  ],
  directories: DIRECTORIES,
  actions: {
    'note.add': {
      version: 1,
      title: 'Add a note',
      does: 'write',
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
      does: 'send',
      params: EmailSchema,
      roles: { to: 'target', subject: 'content', body: 'content' },
      lane: {
        base: 'GREEN',
        because: 'an e-mail to somebody in the contacts',
        rules: [
          { id: 'outside-contacts', when: { param: 'to', notInDirectory: 'contacts' }, lane: 'RED', because: 'the address is not in the contacts' },
        ],
      },
      output: 'trusted',
      effect: http({ url: '/api/demo/email', answer: AppliedSchema, batch: { url: '/api/demo/batch', max: 100 } }),
      sequence: conversationOf,
    },
    'event.create': {
      version: 1,
      title: 'Create an event',
      does: 'send',
      params: EventSchema,
      roles: { title: 'content', start: 'time', end: 'time', attendees: 'target' },
      lane: { base: 'YELLOW', because: 'invitations go out after a moment to undo' },
      undoMs: 10_000,
      output: 'trusted',
      effect: http({ url: '/api/demo/events', answer: AppliedSchema }),
      reversible: true,
    },
    'payment.transfer': {
      version: 1,
      title: 'Transfer money',
      does: 'money',
      verify: { param: 'amount', above: '99.99' },
      params: PaymentSchema,
      roles: { iban: 'target', amount: 'amount', currency: 'amount', reference: 'content' },
      lane: { base: 'RED', because: 'money leaves the account' },
      output: 'trusted',
      budgets: [{ windowMs: 86_400_000, count: 10, amount: 20_000, over: 'BLOCKED', because: 'that is more than the assistant may pay in one day' }],
      effect: http({ url: '/api/demo/payments', answer: AppliedSchema }),
    },
    'file.delete': {
      version: 1,
      title: 'Delete a file',
      does: 'destroy',
      verify: 'never',
      params: FileSchema,
      roles: { id: 'object' },
      lane: { base: 'RED', because: 'a deleted file does not come back' },
      output: 'trusted',
      effect: http({ url: '/api/demo/files/delete', answer: AppliedSchema }),
    },
  },
})
