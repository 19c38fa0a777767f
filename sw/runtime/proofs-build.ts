/** Makes the proof of one action from this device's chain and the head that covers it. */
import { GENESIS, type AuditEntry } from '../../src/audit/entry.ts'
import { ENTRIES_MAX, writeProof } from '../../src/audit/proof.ts'
import { utf8ToBytes } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import type { ChainStore } from '../ports/ledger-store.ts'
import type { Witnessed } from './proofs-kept.ts'

/** Entries read at once on the way back to an action. */
const PAGE = 500

/** With these an action begins on this device. */
const FIRST_KINDS: ReadonlySet<string> = new Set(['admitted', 'imported'])

/** The entries of a receipt, oldest first; reads back from the chain's end. Fails where the disk cannot be read. */
export async function entriesOf(store: ChainStore, receipt: string): Promise<Result<readonly AuditEntry[], 'UNREADABLE'>> {
  const found: AuditEntry[] = []
  const end = await store.audit(1)
  if (!end.ok) return err('UNREADABLE')
  for (let before = end.value.head.seq; before > 0; before -= PAGE) {
    const start = Math.max(0, before - PAGE)
    const read = await store.audit(before - start, start)
    if (!read.ok) return err('UNREADABLE')
    const mine = read.value.entries.filter((entry) => entry.receipt === receipt)
    found.unshift(...mine)
    if (mine.some(({ kind }) => FIRST_KINDS.has(kind))) break
  }
  return ok(found)
}

export type Built = {
  readonly text: string
  readonly bytes: number
  /** Entries in the file, the way to the head included. */
  readonly entries: number
  /** What happened to the action, as far as it is proven. */
  readonly kinds: readonly string[]
  /** False when the action's beginning or end lies outside. */
  readonly complete: boolean
}

/** The file; `null` where no entry of the action is near enough before the head, or the chain has a hole there. */
export async function buildProof(store: ChainStore, key: string, own: readonly AuditEntry[], head: Witnessed): Promise<Built | null> {
  const covered = own.filter(({ seq }) => seq <= head.seq && head.seq - seq < ENTRIES_MAX)
  const first = covered[0]
  if (!first) return null
  const before = first.seq === 1 ? null : await store.audit(1, first.seq - 2)
  const read = await store.audit(head.seq - first.seq + 1, first.seq - 1)
  if (!read.ok || (before && !before.ok)) return null
  const from = before ? before.value.entries[0] : GENESIS
  if (from?.seq !== first.seq - 1) return null
  const entries = read.value.entries.map(({ at, digest, kind, receipt }) => ({ at, digest, kind, receipt }))
  if (entries.length !== head.seq - first.seq + 1) return null
  const text = writeProof({ maestro_proof: 1, key, from: { seq: from.seq, hash: from.hash }, entries, ...head.signed })
  return {
    text,
    bytes: utf8ToBytes(text).length,
    entries: entries.length,
    kinds: covered.map(({ kind }) => kind),
    complete: covered.length === own.length && FIRST_KINDS.has(first.kind),
  }
}
