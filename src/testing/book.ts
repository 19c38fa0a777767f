/** What the world remembers in order to judge: who decided what, what each row said last, what far ends answered. */
import type { ReceiptRecord } from '../../sw/core/receipt-record.ts'
import type { ReceiptRow } from '../../sw/ports/ledger-store.ts'
import type { GateWord } from './plan.ts'
import type { Device } from './device.ts'
import type { Worker } from './worker.ts'

export type Known = {
  readonly device: Device
  readonly id: string
  record: ReceiptRecord
  row: ReceiptRow
  wasRevived: boolean
  leaseSkewMs: number
  readonly admittedAt: number
  readonly endedAt: number
}

export type Book = {
  /** By device and receipt id: the newest committed record. */
  readonly known: Map<string, Known>
  /** What was known of rows that were damaged past reading: what they stood for has happened all the same. */
  readonly damaged: Known[]
  /** What a person decided: `approve|<id>|<digest>`, `deny|<id>`, `cancel|<owner>|<key>`, `retry|…`, `discard|…`. */
  readonly decided: Set<string>
  /** `<owner>|<key>` that a far end refused for good, by an answer that was sent. */
  readonly definitive: Set<string>
  /** Answers that count as failures, delivered to a device, by `<device>|<owner>|<key>`. */
  readonly failures: Map<string, number>
  /** A `Retry-After` that a worker was told, as virtual time, by `<worker>|<device>|<owner>|<key>`; it dies with a worker that did not write it down. */
  readonly told: Map<string, { readonly until: number; readonly since: number }>
  /** Not before this virtual time: a `Retry-After` that is on disk. */
  readonly floors: Map<string, number>
  /** The gate's word that a worker has accepted, and since when. */
  readonly accepted: Map<Worker['generation'], { readonly action: GateWord; readonly version: number; readonly since: number }>
  /** The newest kill document that was handed to a worker. */
  readonly offered: Map<Worker['generation'], { readonly action: GateWord; readonly version: number; readonly since: number }>
  readonly inFlight: Map<Worker['generation'], number>
  /** Digest of each entry the chain got, in order, is on disk; here only how many rows each device committed. */
  commits: number
}

export const createBook = (): Book => ({
  known: new Map(),
  damaged: [],
  decided: new Set(),
  definitive: new Set(),
  failures: new Map(),
  told: new Map(),
  floors: new Map(),
  accepted: new Map(),
  offered: new Map(),
  inFlight: new Map(),
  commits: 0,
})

export const MARK = 'CANARY'

const latin = new TextDecoder('latin1')

/** Whether bytes show what should be hidden, as they are or behind base64url. */
export const showsPlain = (bytes: Uint8Array): boolean => latin.decode(bytes).includes(MARK)
