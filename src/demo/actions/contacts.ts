export type Contact = { readonly name: string; readonly email: string; readonly role: string }

/** The team's directory, invented. Mail to these addresses needs no approval; to anyone else it does. */
export const CONTACTS: readonly Contact[] = [
  { name: 'Anna', email: 'anna@example.com', role: 'Project lead' },
  { name: 'Ben', email: 'ben@example.com', role: 'Engineering' },
  { name: 'Chiara', email: 'chiara@example.com', role: 'Finance' },
  { name: 'Dmitri', email: 'dmitri@example.com', role: 'Operations' },
  { name: 'Efua', email: 'efua@example.com', role: 'Design' },
  { name: 'Farid', email: 'farid@example.com', role: 'Customer support' },
  { name: 'Greta', email: 'greta@example.org', role: 'Printing partner' },
  { name: 'Hiro', email: 'hiro@example.org', role: 'Venue manager' },
]
