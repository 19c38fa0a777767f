import type { PeerName } from './peer-packages.ts'
import type { Plan } from './plan.ts'
import type { Site } from './site.ts'

/** What every measurement is given. */
export type Setting = {
  readonly site: Site
  /** Another server of the same scripts, with a far end of its own. */
  readonly openSite: () => Promise<Site>
  readonly plan: Plan
  /** The fetched peers that are there. */
  readonly peers: ReadonlySet<PeerName>
  /** Also grow the ledger to a million receipts. */
  readonly million: boolean
  /** Aborted when the run is broken off: nothing new begins. */
  readonly stopped: AbortSignal
  readonly progress: (text: string) => void
}
