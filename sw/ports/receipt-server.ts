import type { AuditEntry, ChainHead } from '../../src/audit/entry.ts'
import type { Result } from '../../src/base/result.ts'

export type ClaimItem = {
  readonly key: string
  readonly traceId: string
  readonly action: string
  /** Keyed, so that the server can compare it and not guess from it; `null` while the person's devices share no key. */
  readonly paramsDigest: string | null
  readonly lane: string
}

/** `result` is an envelope as base64url, or `null`. */
export type CompletionItem = { readonly key: string; readonly fence: number; readonly state: string; readonly result: string | null }

/** Today's counts (UTC) on this device, carried along so that health can add them up. */
export type DeviceReport = {
  readonly crypto_initialized: boolean
  readonly blocked_operations: number
  readonly man_mode_escalations: number
  readonly sync_success_rate: number | null
  /** How much of this person's is not finished here, and how much of that asks them. */
  readonly waiting?: number
  readonly awaiting_approval?: number
}

/** At most `LIMITS.syncItemsMax` items in all three lists together. */
export type SyncRequest = {
  readonly tenant: string
  readonly deviceId: string
  readonly report: DeviceReport
  readonly claims: readonly ClaimItem[]
  readonly completions: readonly CompletionItem[]
  readonly audit: readonly AuditEntry[]
}

export type Claim =
  /** `isBegunElsewhere`: another holder was granted it before, and may have begun. */
  | { readonly kind: 'claimed'; readonly fence: number; readonly isBegunElsewhere: boolean }
  | { readonly kind: 'settled'; readonly state: string; readonly result: string | null }

/**
 * `unreachable`: nobody answered. `failing`: an answer that is an error or not what it claims. `invalid`: it will never take this item.
 * `waitMs`: a floor for the next try.
 */
export type ServerFailure = {
  readonly kind: 'unreachable' | 'failing' | 'in-progress' | 'key-reused' | 'auth' | 'fence' | 'invalid'
  readonly waitMs?: number
}

/** One answer for each item, in the order asked. */
export type SyncAnswer = {
  readonly claims: readonly Result<Claim, ServerFailure>[]
  readonly completions: readonly Result<null, ServerFailure>[]
  /** The end of this device's chain as the server has it; sequence 0 when it has none. */
  readonly audit: ChainHead & { readonly isForked: boolean }
  /** How long the server remembers a key, ms. */
  readonly retentionMs: number
  /** Epoch ms by the server's clock. */
  readonly serverTime: number
}

/** What the ledger knows of a key; `fence` is its present holder's. */
export type LedgerWord = { readonly state: string; readonly result: string | null; readonly fence: number | null }

/** The ledger that decides across devices. Repeating a call with the same arguments has no further effect. */
export interface ReceiptServer {
  sync(request: SyncRequest, token: string): Promise<Result<SyncAnswer, ServerFailure>>
  /** `null` when the ledger never heard of the key, or has forgotten it. */
  lookUp(key: string, token: string): Promise<Result<LedgerWord | null, ServerFailure>>
}
