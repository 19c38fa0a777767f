/** What the parts of one world reach each other by. */
import type { HttpBatch, HttpBatchOutcome } from '../../sw/ports/http-effect.ts'
import type { Actions } from '../../sw/ports/action.ts'
import type { Directories } from '../policy/lane-rules.ts'
import type { Accounts } from './accounts.ts'
import type { Device } from './device.ts'
import type { Exchange } from './exchange.ts'
import type { FarEnd } from './far-end.ts'
import type { Laws } from './laws.ts'
import type { SharedLedger } from './shared-ledger.ts'
import type { Worker } from './worker.ts'
import type { World } from './world.ts'

/** What is known of a route or a page effect: which action it is of, and what its back end promises. */
export type EffectRoute = { readonly action: string; readonly keyed: boolean; readonly hasAnswer: boolean }

export type Site = {
  readonly world: World
  readonly laws: Laws
  readonly far: FarEnd
  readonly accounts: Accounts
  readonly ledger: SharedLedger
  readonly devices: readonly Device[]
  /** Newest last: the builds that updates and downgrades move between. */
  readonly builds: readonly Actions[]
  readonly directories: Directories
  readonly effects: ReadonlyMap<string, EffectRoute>
  /** How often each page effect ran, by its name and parameters. */
  readonly pageRuns: Map<string, number>
  mark(device: Device): void
  fetchDocument(worker: Worker, exchange: Exchange): Promise<unknown>
  sendBatch(worker: Worker, exchange: Exchange, batch: HttpBatch): Promise<HttpBatchOutcome>
}
