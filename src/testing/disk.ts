/** What one browser profile keeps, and the ledger's transactions over it: all changes of a commit and their chain entries, or none. */
import { chain, GENESIS, type AuditEntry, type AuditFact, type ChainHead } from '../audit/entry.ts'
import type { ChangeOutcome, LedgerChange, LedgerRead, ReceiptRow } from '../../sw/ports/ledger-store.ts'
import { createFakeKeyring, type FakeKeyring } from './fake-keyring.ts'

export type Disk = {
  rows: Map<string, ReceiptRow>
  entries: AuditEntry[]
  head: ChainHead
  secrets: Map<string, Uint8Array>
  gate: unknown
  keyring: FakeKeyring
  hasLedger: boolean
}

export const emptyDisk = (secret: string): Disk => ({
  rows: new Map(),
  entries: [],
  head: GENESIS,
  secrets: new Map(),
  gate: undefined,
  keyring: createFakeKeyring(secret),
  hasLedger: false,
})

export type Committed = { readonly before: ReceiptRow | undefined; readonly row: ReceiptRow; readonly facts: readonly AuditFact[] }

/** Rows are copied in, as structured cloning does; `onCommitted` hears of each change that took place. */
export function commitTo(disk: Disk, changes: readonly LedgerChange[], onCommitted: (change: Committed) => void): readonly ChangeOutcome[] {
  disk.hasLedger = true
  return changes.map(({ row, facts }): ChangeOutcome => {
    const there = disk.rows.get(row.id)
    if (row.rev === 1 && there !== undefined) return { kind: 'exists', row: there }
    if (row.rev !== 1 && there?.rev !== row.rev - 1) return { kind: 'conflict' }
    const kept = { ...row, sealed: row.sealed.slice() }
    disk.rows.set(row.id, kept)
    for (const fact of facts) {
      const entry = chain(disk.head, fact)
      disk.head = { seq: entry.seq, hash: entry.hash }
      disk.entries.push(entry)
    }
    onCommitted({ before: there, row: kept, facts })
    return { kind: 'committed' }
  })
}

const isOpenRow = (row: ReceiptRow): boolean => row.open === 1

export function loadFrom(disk: Disk, recent: number): LedgerRead {
  const all = [...disk.rows.values()]
  const others = all.filter((row) => !isOpenRow(row)).toSorted((a, b) => b.order - a.order)
  return {
    rows: all.filter(isOpenRow),
    newest: Promise.resolve(others.slice(0, recent)),
    orderMax: all.reduce((max, { order }) => Math.max(max, Number.isFinite(order) ? order : 0), 0),
  }
}

export const auditOf = (disk: Disk, limit: number, after?: number): { entries: readonly AuditEntry[]; head: ChainHead } => ({
  entries: after === undefined ? disk.entries.slice(-limit) : disk.entries.filter(({ seq }) => seq > after).slice(0, limit),
  head: disk.head,
})
