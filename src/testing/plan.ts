/** A schedule as data: what is asked, what the world does, what fails, and where a worker dies. Shrinking drops parts of it. */
import type { JsonObject } from '../base/json.ts'

export type PlannedIntent = { readonly action: string; readonly params: JsonObject; readonly key: string; readonly isAgent?: boolean }

/** The `nth` (from 1) call of one kind, in the whole run, meets this fault. `poison`: every request of the `nth` intent, for ever. */
export type Fault = { readonly site: string; readonly nth: number; readonly kind: string; readonly ms?: number }

/** The worker that makes this await, counted over the whole run, dies: before the call takes effect, or after it did and before it is told. */
export type Kill = { readonly at: number; readonly when: 'before' | 'after' }

export type GateWord = 'run' | 'readonly' | 'drain' | 'kill' | 'safe-worker'

type At = { readonly at: number; readonly device: number }

/** What people, browsers and operators do, at virtual milliseconds. */
export type Act =
  | (At & { readonly kind: 'execute'; readonly slot: number; readonly intent: number; readonly twice?: boolean })
  | (At & {
      readonly kind: 'approve' | 'approve-other' | 'deny' | 'edit' | 'cancel' | 'retry' | 'discard' | 'lookup'
      readonly slot: number
      readonly intent: number
    })
  | (At & {
      readonly kind: 'online' | 'offline' | 'sign-out' | 'open-page' | 'close-pages' | 'stop-worker' | 'evict' | 'update' | 'downgrade' | 'wake'
    })
  | (At & { readonly kind: 'sign-in'; readonly user: string })
  /** Everything that waits goes into a capsule, which the device `to` opens. */
  | (At & { readonly kind: 'rescue'; readonly to: number })
  | (At & { readonly kind: 'gate'; readonly action: GateWord })
  | (At & { readonly kind: 'gate-env-off' | 'revoke' })
  | (At & { readonly kind: 'clock'; readonly toMs: number })
  | (At & { readonly kind: 'damage'; readonly how: 'cut' | 'junk' | 'newer' | 'swap'; readonly intent: number })

export type DevicePlan = {
  /** Whether the browser has Background Sync. */
  readonly hasSync: boolean
  /** The lock port grants everybody at once. */
  readonly isLockBroken: boolean
  /** Workers that run at the same time. */
  readonly workers: 1 | 2
  /** Whether a page is open from the start. */
  readonly hasPage: boolean
}

export type Plan = {
  readonly seed: string
  /** Whether there are a sign-in server and a shared ledger. */
  readonly hasServer: boolean
  readonly devices: readonly DevicePlan[]
  readonly intents: readonly PlannedIntent[]
  readonly acts: readonly Act[]
  readonly faults: readonly Fault[]
  readonly kills: readonly Kill[]
}
