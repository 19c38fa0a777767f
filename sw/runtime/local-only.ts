/** What stands in for a server where there is none. */
import { ok } from '../../src/base/result.ts'
import type { Ledger } from './ledger.ts'
import type { ServerLedger } from './server-ledger.ts'
import type { Session } from './session.ts'

/** Without a server this device's ledger is the only one: it grants every claim, and what it has is complete. */
export const localLedger = (ledger: Ledger): ServerLedger => ({
  load: async () => undefined,
  state: () => 'unknown',
  claim: async () => ({ kind: 'claimed', fence: null, isBegunElsewhere: false }),
  settle: async ({ id }) => (await ledger.change(id, { kind: 'synced' })).ok,
  ask: async () => ok(null),
  catchUp: async () => undefined,
  retentionMs: () => null,
  noteOffline: () => undefined,
})

/** Without a server there is one person: whoever uses this browser. */
export const localSession: Session = {
  load: async () => undefined,
  principal: () => ({ tenant: 'local', user: 'local' }),
  signIn: async () => null,
  signOut: async () => undefined,
  token: async () => ({ kind: 'local' }),
  refuse: () => undefined,
  needsSignIn: () => false,
}
