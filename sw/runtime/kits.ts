/** What an app's worker may leave out: each kit brings its adapters and the part of the runtime that speaks to them. */
import type { AuthServer } from '../ports/auth-server.ts'
import type { CapsuleCipher } from '../ports/capsule-cipher.ts'
import type { ReceiptServer } from '../ports/receipt-server.ts'
import type { createRescue } from './capsule.ts'
import type { createServerLedger } from './server-ledger.ts'
import type { createSession } from './session.ts'

/** The shared ledger and its sign-in. Without it there is one person, whoever uses this browser, and everything stays here. */
export type ServerKit = {
  readonly auth: AuthServer
  /** Given the way to tell of a kill version seen on an answer. */
  readonly receipts: (onKillVersion: (version: number) => void) => ReceiptServer
  readonly createLedger: typeof createServerLedger
  readonly createSession: typeof createSession
}

/** The rescue capsule. */
export type RescueKit = { readonly cipher: CapsuleCipher; readonly createRescue: typeof createRescue }
