/** A user of the local stack. There are two, with fixed passwords: nothing here protects more than a developer's own data. */
export type LocalUser = { readonly id: string; readonly email: string; readonly password: string; readonly name: string; readonly tenant: string }

export const LOCAL_USERS: readonly LocalUser[] = [
  { id: '6f1d7a52-0c4e-4b8e-9a57-1f6f2f0d0001', email: 'demo@example.com', password: 'demo', name: 'demo', tenant: 'demo' },
  { id: '6f1d7a52-0c4e-4b8e-9a57-1f6f2f0d0002', email: 'ben@example.com', password: 'ben', name: 'ben', tenant: 'demo' },
]
