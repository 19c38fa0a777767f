import type { EditField } from '../../../panel/index.ts'
import { FILES } from '../../actions/files.ts'

const FIELDS: Readonly<Record<string, readonly EditField[]>> = {
  'email.send': [
    { name: 'to', label: 'To', kind: 'text' },
    { name: 'subject', label: 'Subject', kind: 'text' },
    { name: 'body', label: 'Message', kind: 'lines' },
  ],
  'event.create': [
    { name: 'title', label: 'Title', kind: 'text' },
    { name: 'start', label: 'Starts', kind: 'text' },
    { name: 'end', label: 'Ends', kind: 'text' },
    { name: 'attendees', label: 'Who comes', kind: 'list' },
  ],
  'payment.transfer': [
    { name: 'iban', label: 'IBAN', kind: 'text' },
    { name: 'amount', label: 'Amount', kind: 'text' },
    { name: 'currency', label: 'Currency', kind: 'choice', choices: ['EUR', 'USD', 'GBP', 'CHF'] },
    { name: 'reference', label: 'Reference', kind: 'text' },
  ],
  'file.delete': [{ name: 'id', label: 'File', kind: 'choice', choices: FILES.map(({ id }) => id) }],
  'note.add': [{ name: 'text', label: 'Note', kind: 'lines' }],
}

/** What of a failed action a person may mend. */
export const editFields = (action: string): readonly EditField[] | null => FIELDS[action] ?? null
