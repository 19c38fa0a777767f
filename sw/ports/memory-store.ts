import type { Result } from '../../src/base/result.ts'
import type { StoreFailure } from './ledger-store.ts'

export const MEMORY_STORES = ['t1_core', 't2_working', 't3_episodic', 'subjects'] as const
export type MemoryStoreName = (typeof MEMORY_STORES)[number]

/** One record as it lies on disk: what it is and whose, in names that say nothing; the rest is sealed. */
export type MemoryRow = {
  readonly id: string
  readonly owner: string
  /** The keys it is sealed under. */
  readonly set: string
  readonly epoch: number
  /** Epoch ms of its writing, by this device's clock or the writer's: the order of T3. */
  readonly at: number
  /** Epoch ms after which it is not there any more. */
  readonly expires: number | null
  /** The server's number for what this device last had from it or gave it; 0 when it knows nothing. */
  readonly rev: number
  /** Changed here, and the server has not got it. */
  readonly dirty?: 1
  /** A deletion that the server must hear of. */
  readonly gone?: 1
  readonly sealed: Uint8Array
}

/**
 * What a change was decided on, compared in its transaction: the row that was read, or that there was none. `unseen`: the disk could not be
 * asked; such a row waits in the worker's memory, and goes to disk where nothing later lies.
 */
export type MemoryChange =
  | { readonly store: MemoryStoreName; readonly put: MemoryRow; readonly over: MemoryRow | null | 'unseen' }
  | { readonly store: MemoryStoreName; readonly remove: string; readonly over: MemoryRow }

/** `CHANGED`: something else lies there by now; nothing of the change was written. */
export type MemoryWriteFailure = StoreFailure | { readonly code: 'CHANGED'; readonly name: string }

/**
 * `maestro_memory_v1`. A write is one transaction, acknowledged when it is complete. While the database cannot be opened, what lies there
 * is not known, and every reading says so; new rows, up to a bound, wait in the worker's memory and are said to (`durability`), and
 * move to disk before anything else is done there.
 */
export interface MemoryStore {
  durability(): 'durable' | 'memory'
  get(store: MemoryStoreName, id: string): Promise<Result<MemoryRow | undefined, StoreFailure>>
  /** An owner's rows by time, oldest first. */
  all(store: MemoryStoreName, owner: string): Promise<Result<readonly MemoryRow[], StoreFailure>>
  write(changes: readonly MemoryChange[], durability: 'strict' | 'relaxed'): Promise<Result<null, MemoryWriteFailure>>
  /** Removes an owner's oldest T3 rows; gives how many there were to remove. */
  dropOldest(owner: string, count: number): Promise<Result<number, StoreFailure>>
  /** Destroys what was set aside of a broken database: subjects' keys are in it. */
  dropCopies(): Promise<Result<null, StoreFailure>>
  /** Small numbers beside the rows: how far the server was read. */
  mark(name: string): Promise<Result<number, StoreFailure>>
  setMark(name: string, value: number): Promise<void>
}

export type MemoryStoreDep = { readonly memoryStore: MemoryStore }
