/** Parameters the demo accepts, one set for each action. */
export const NOTE = { text: 'Ring the plumber' }
export const EMAIL = { to: 'anna@example.com', subject: 'Q3', body: 'The figures are in the folder.' }
export const PAYMENT = { iban: 'DE89370400440532013000', amount: '80.00', currency: 'EUR', reference: 'Invoice 7' }
export const EVENT = { title: 'Planning', start: '2027-01-11T09:00:00Z', end: '2027-01-11T10:00:00Z', attendees: ['anna@example.com'] }

/** A key no other test has. */
export const newKey = (about: string): string => `${about}-${crypto.randomUUID()}`
