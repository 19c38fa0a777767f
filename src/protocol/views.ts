/** What pages see of the worker's state. Plain data; pages are views (law 12). */
import type { Json, JsonObject } from '../base/json.ts'
import type { Failure } from './failure.ts'
import type { SourceKind } from './source.ts'

/** The public words for a receipt's state. */
export const STATUSES = [
  'done',
  'queued',
  'awaiting-approval',
  'held',
  'refused',
  'denied',
  'expired',
  'cancelled',
  'dead',
  'unknown',
  'disabled',
] as const
export type Status = (typeof STATUSES)[number]

/** Receipts in these states never change again. */
export const TERMINAL: ReadonlySet<Status> = new Set<Status>(['done', 'refused', 'denied', 'expired', 'cancelled', 'dead', 'disabled'])

export const LANES = ['GREEN', 'YELLOW', 'RED', 'BLOCKED'] as const
export type Lane = (typeof LANES)[number]

/** What a waiting item waits for; every waiting item says so (B-14). */
export type WaitingFor =
  | 'its turn'
  | 'network'
  | 'undo window'
  | 'retry'
  | 'approval'
  | 'running'
  | 'gate'
  | 'sign-in'
  | 'page'
  | 'ledger'
  | 'person'
  | 'sequence'
  | 'export'
  | 'update'

/** `at-most-once`: a lost answer is never followed by a second try on its own, and shows as `unknown`. */
export type Guarantee = 'exactly-once' | 'at-most-once'

export type ReceiptView = {
  /** SHA-256 of tenant, principal and key: the name of the receipt in the ledger and the audit chain. */
  readonly id: string
  readonly key: string
  readonly action: string
  readonly status: Status
  readonly lane: Lane
  readonly reasons: readonly string[]
  readonly agent: string | null
  readonly params: JsonObject
  readonly digest: string
  readonly admittedAt: number
  readonly updatedAt: number
  /** When the next event is due, epoch ms; absent for terminal receipts. */
  readonly dueAt?: number
  readonly waitingFor?: WaitingFor
  readonly sequence?: string
  /** The key of the failed receipt of its sequence that this one waits for. */
  readonly blockedBy?: string
  /** What can be promised about this action's effect, said truthfully. */
  readonly guarantee: Guarantee
  readonly attempts: number
  readonly result?: Json
  readonly failure?: Failure
  /** Whether the server's ledger has this receipt's terminal state. */
  readonly synced: boolean
}

export type FieldView = {
  readonly name: string
  readonly role: 'target' | 'amount' | 'object' | 'content' | 'secret' | 'time' | 'detail'
  readonly value: string
  /** Who said this value; `agent` when no source contains it. */
  readonly origin: SourceKind | 'agent'
  /** The source's author or id. */
  readonly saidBy?: string
  /** The sentence that an untrusted source said it in. */
  readonly quote?: string
  /** Of a list: its elements, each with its own origin; shown instead of `value`. */
  readonly items?: readonly Pick<FieldView, 'value' | 'origin' | 'saidBy' | 'quote'>[]
}

export type ApprovalView = {
  readonly id: string
  readonly key: string
  /** SHA-256, hex, of the canonical call that runs if approved. */
  readonly digest: string
  /** Four words made from the digest, to compare by eye. */
  readonly words: readonly string[]
  readonly action: string
  /** The verb for a person: "Transfer money". */
  readonly title: string
  readonly lane: Lane
  readonly reasons: readonly string[]
  readonly agent: string | null
  readonly principal: string
  readonly fields: readonly FieldView[]
  readonly reversible: boolean
  /** What leaves this device, and to where: "These values are sent to /api/demo/payments". */
  readonly leaves: string
  /** The agent's own explanation: plain text, shown last, labelled. */
  readonly agentReason?: string
  /** The person must prove who they are: the challenge is the digest; base64url ids of the passkeys that count, none if there are none yet. */
  readonly verify?: { readonly passkeys: readonly string[] }
  readonly requestedAt: number
  readonly expiresAt: number
}

export type GateState = 'run' | 'readonly' | 'drain' | 'kill' | 'safe-worker'

export type GateView = {
  readonly state: GateState
  /** What decided it: the strictest source. */
  readonly cause: 'none' | 'env' | 'window' | 'static' | 'remote'
  /** Version of the newest kill document accepted; 0 when none was ever fetched. */
  readonly version: number
  readonly reason?: string
  readonly checkedAt: number | null
}

export type Principal = { readonly tenant: string; readonly user: string }

export type Snapshot = {
  /** Identifies one run of the worker; numbers start again with a new one. */
  readonly boot: string
  readonly seq: number
  readonly principal: Principal | null
  readonly gate: GateView
  readonly online: boolean
  readonly sync: 'unknown' | 'reachable' | 'unreachable' | 'failing'
  readonly durability: 'durable' | 'memory'
  readonly quarantined: number
  /** Rows that a newer build wrote: left alone, and counted. */
  readonly parked: number
  readonly waiting: number
  /** Dead, unknown or exported receipts: a person should look at them. */
  readonly attention: number
  /** The server refused this person's token: their work waits for a sign-in. */
  readonly needsSignIn: boolean
  /** Newest first, at most `LIMITS.snapshotReceiptsMax`. */
  readonly receipts: readonly ReceiptView[]
  readonly approvals: readonly ApprovalView[]
}

export type AuditEntryView = {
  readonly seq: number
  readonly at: number
  readonly kind: string
  readonly receipt: string
  readonly digest: string
  readonly hash: string
}

export type AuditReport = {
  readonly intact: boolean
  readonly entries: number
  readonly head: string
  readonly brokenAt?: number
  readonly why?: string
}

export type HealthReport =
  | { readonly status: 'healthy'; readonly maestro_enabled: true; readonly version: string }
  | { readonly status: 'disabled'; readonly maestro_enabled: false }
  | { readonly status: 'unhealthy'; readonly maestro_enabled: true; readonly version: string }

/** One page of what waits or failed, oldest first; `next` is the place to go on from. */
export type OutboxPage = { readonly items: readonly ReceiptView[]; readonly next: number | null }

/** Unsent work, sealed for another browser; the code opens it and is shown once. */
export type Capsule = { readonly capsule: string; readonly code: string; readonly count: number }

export type ImportReport = { readonly imported: number; readonly known: number; readonly refused: number }
