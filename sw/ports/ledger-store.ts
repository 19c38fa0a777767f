import type { AuditEntry, AuditFact, ChainHead } from '../../src/audit/entry.ts'
import type { Result } from '../../src/base/result.ts'

/** A receipt as it lies on disk: everything about the action is inside `sealed`. */
export type ReceiptRow = {
  readonly id: string
  readonly shape: number
  /** Digest of tenant and principal: partitions the queue without naming anybody. */
  readonly owner: string
  /** Rises by one with every change; a commit against another revision is a conflict. */
  readonly rev: number
  /** Admission order on this device. */
  readonly order: number
  /** 1 while the receipt waits for something, or the server has not its terminal state; absent otherwise. */
  readonly open?: 1
  readonly sealed: Uint8Array
}

export type LedgerChange = { readonly row: ReceiptRow; readonly facts: readonly AuditFact[] }

/** `committed`, or what stood in the way: the row that was there first, or another writer's newer revision. */
export type ChangeOutcome = { readonly kind: 'committed' } | { readonly kind: 'exists'; readonly row: unknown } | { readonly kind: 'conflict' }

export type StoreFailure = { readonly code: 'QUOTA' | 'UNOPENABLE' | 'ABORTED'; readonly name: string }

export type LedgerRead = {
  /** All that are open. */
  readonly rows: readonly unknown[]
  /** The newest others, while those are being opened. Never rejects: what cannot be read is a row that cannot be read. */
  readonly newest: Promise<readonly unknown[]>
  readonly orderMax: number
}

/**
 * The ledger on disk. `commit` is one strict transaction over receipts and audit: all changes and their chain entries,
 * or none (law 3); it resolves when the transaction is complete, not when a request succeeded. Rows read back are
 * `unknown`: disk is not trusted (law 8). A change with `rev` 1 inserts and never overwrites. Whoever writes waits for one commit before the
 * next; only another worker may write at the same time, and one of the two then begins anew.
 */
export interface LedgerStore {
  /** Whether a ledger already lies on this device; creates nothing. */
  exists(): Promise<boolean>
  commit(changes: readonly LedgerChange[]): Promise<Result<readonly ChangeOutcome[], StoreFailure>>
  /** Rows that fell out of the order by which `load` finds them: damage, to be counted. Reads every key: not for a start's way. */
  strays(): Promise<Result<readonly unknown[], StoreFailure>>
  /** All open rows, and the newest `recent` others. */
  load(recent: number): Promise<Result<LedgerRead, StoreFailure>>
  get(id: string): Promise<Result<unknown, StoreFailure>>
}

/** The audit chain as `LedgerStore.commit` writes it. */
export interface ChainStore {
  /** The chain's last `limit` entries, or the first `limit` after a sequence number; oldest first, with the promised head. */
  audit(limit: number, after?: number): Promise<Result<{ readonly entries: readonly AuditEntry[]; readonly head: ChainHead }, StoreFailure>>
}

export type LedgerStoreDep = { readonly store: LedgerStore & ChainStore }
