import type { Session } from './session.ts'

export const SUMMARISE_INBOX: Session = {
  id: 'summarise-inbox',
  title: 'Summarise the inbox',
  summary: 'Reads four messages and keeps a short note. Works offline, too.',
  request: 'Summarise these messages in a note for me.',
  reads: ['m1', 'm2', 'm7', 'm8'],
  watch: 'Notes stay on this device. Try it with the network off.',
  hostile: false,
}
