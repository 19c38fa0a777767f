import { chain, GENESIS, type AuditEntry, type ChainHead } from './entry.ts'

export type ChainReport = {
  readonly intact: boolean
  readonly entries: number
  readonly head: string
  readonly brokenAt?: number
  readonly why?: string
}

/**
 * Recomputes a whole chain. Finds every edit, swap, cut and reorder of entries, and a tail that does not reach the head
 * the ledger promised.
 */
export function verifyChain(entries: readonly AuditEntry[], promised: ChainHead): ChainReport {
  let head = GENESIS
  for (const entry of entries) {
    const expected = chain(head, entry)
    if (entry.seq !== expected.seq) return broken(entries.length, head, expected.seq, 'an entry is missing or out of order')
    if (entry.hash !== expected.hash) return broken(entries.length, head, expected.seq, 'an entry does not match its hash')
    head = { seq: entry.seq, hash: entry.hash }
  }
  if (head.seq !== promised.seq || head.hash !== promised.hash) return broken(entries.length, head, head.seq + 1, 'the chain does not reach its head')
  return { intact: true, entries: entries.length, head: head.hash }
}

const broken = (entries: number, head: ChainHead, brokenAt: number, why: string): ChainReport => ({
  intact: false,
  entries,
  head: head.hash,
  brokenAt,
  why,
})
