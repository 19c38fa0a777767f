/** Memory as pages see it, and how its commands are called. Plain data. */
import type { Json } from '../base/json.ts'
import { UnlockersSchema, type Unlockers } from './account.ts'
import * as LIMITS from './memory-limits.ts'
import * as v from './schema.ts'

/** `t1` core: confirmed, kept; `t2` working: ends after its time; `t3` episodic: a timeline, of this device only. */
export type Tier = 't1' | 't2' | 't3'

/** A value that another device wrote at the same time, and that did not win. */
type OtherValue = { readonly value: Json; readonly at: number; readonly device: string }

export type MemoryItem = {
  readonly tier: Tier
  readonly key: string
  readonly value: Json
  /** Epoch ms of its writing. */
  readonly at: number
  readonly expires?: number
  readonly others?: readonly OtherValue[]
  /** Whether the server has it. */
  readonly synced: boolean
}

export type Found = MemoryItem & { readonly found: true }

/** `locked`: sealed under a root that this device has not unlocked. `unreadable`: sealed under a lost key, or damaged. */
export type Missing = { readonly found: false; readonly reason: 'absent' | 'expired' | 'unreadable' | 'locked' | 'forgotten' }

/** What came of a write: where it lies, and how many T3 records it cost. */
export type Kept = { readonly key: string; readonly at: number; readonly durability: 'durable' | 'memory'; readonly dropped: number }

export type MemoryPage = { readonly items: readonly MemoryItem[]; readonly unreadable: number; readonly next: number | null }

export type Swept = { readonly removed: number; readonly unreadable: number }

/** What a worker found when it started: a marker that survives the databases tells a first run from a loss. */
export type KeyState = 'OK' | 'FIRST_RUN' | 'KEY_NULL' | 'KEY_MISMATCH' | 'CLONE_ERROR' | 'DB_UNOPENABLE' | 'DATA_LOSS'

export type MemoryStatus = {
  readonly keys: KeyState
  readonly durability: 'durable' | 'memory'
  /** Records of each tier that can be read. */
  readonly t1: number
  readonly t2: number
  readonly t3: number
  readonly unreadable: number
  /** T3 records that this worker dropped to make room. */
  readonly dropped: number
  /** Of this origin, bytes; `null` where the browser does not say. */
  readonly usage: number | null
  readonly quota: number | null
}

/** `none`: the server knows no account; `locked`: it does, and this device has not its keys; `open`: it has; `unknown`: not asked yet. */
export type AccountView = {
  readonly state: 'none' | 'locked' | 'open' | 'unknown'
  readonly generation: number
  readonly unlockers: Unlockers | null
}

export type Synced = {
  readonly pushed: number
  readonly pulled: number
  readonly conflicts: number
  readonly unreadable: number
  readonly complete: boolean
}

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.memoryKeyCharsMax))
const tier = v.picklist(['t1', 't2', 't3'])
const whole = (min: number, max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max))
const confirmed = v.optional(v.boolean(), false)

/** What a page may ask the memory kit, and with what. */
export const MEMORY_COMMANDS = {
  memoryInit: v.strictObject({}),
  memoryPut: v.strictObject({
    tier,
    key: v.optional(text),
    value: v.unknown(),
    confirmed,
    ttlMs: v.optional(whole(1, LIMITS.ttlMsMax)),
    subject: v.optional(text),
  }),
  memoryGet: v.strictObject({ tier, key: text }),
  memoryList: v.strictObject({ tier, after: v.optional(v.number(), -1), limit: whole(1, LIMITS.memoryPageMax) }),
  memorySearch: v.strictObject({
    query: v.pipe(v.string(), v.maxLength(2_000)),
    tiers: v.pipe(v.array(tier), v.minLength(1), v.maxLength(3)),
    limit: whole(1, LIMITS.memoryPageMax),
  }),
  memoryEvict: v.strictObject({ tier, keys: v.pipe(v.array(text), v.maxLength(LIMITS.memoryPageMax)), confirmed }),
  memoryPurge: v.strictObject({ unreadable: v.boolean() }),
  memoryForget: v.strictObject({ subject: text }),
  memorySync: v.strictObject({}),
  account: v.strictObject({}),
  accountAdopt: v.strictObject({
    handles: v.strictObject({
      generation: whole(1, 1_000),
      names: v.unknown(),
      roots: v.pipe(v.array(v.strictObject({ generation: whole(0, 1_000), key: v.unknown() })), v.minLength(1), v.maxLength(1_000)),
      unlockers: UnlockersSchema,
    }),
  }),
  /** A new key epoch under the same root: everything is sealed anew. */
  accountRotate: v.strictObject({}),
} as const
