/** A browser profile: its disk, its clock, its network, its pages and the workers that it starts and stops. */
import type { Disk } from './disk.ts'
import type { Page } from './page.ts'
import type { Worker } from './worker.ts'

export type Device = {
  readonly index: number
  readonly disk: Disk
  readonly pages: Page[]
  readonly workers: (Worker | null)[]
  readonly locks: Map<string, { holder: string | null; readonly queue: { readonly name: string; readonly grant: () => void }[] }>
  /** Wall minus true time, ms. */
  skewMs: number
  isUp: boolean
  /** Which build its next worker is of. */
  build: number
  /** A wake-up marker lies in Background Sync. */
  marker: boolean
  syncTries: number
  /** Everything was evicted at least once. */
  wasEvicted: boolean
  /** Ids of rows that were damaged or come from a newer build, with the bytes they must keep. */
  readonly untouchable: Map<string, unknown>
  isOnline(): boolean
  now(): number
}
