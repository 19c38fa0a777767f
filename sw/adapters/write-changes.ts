import { unwrap, type IDBPDatabase } from 'idb'
import { chain, link, type AuditEntry } from '../../src/audit/entry.ts'
import { utf8ToBytes } from '../../src/base/bytes.ts'
import { canonical } from '../../src/base/canonical.ts'
import type { LedgerChange } from '../ports/ledger-store.ts'
import type { LedgerHead } from './ledger-head.ts'
import type { LedgerDatabase } from './ledger-database.ts'
import { webCryptoDigest } from './webcrypto-digest.ts'

/** Revision of what lies on disk; 0 for what is not there, or is no receipt. */
export const revOf = (row: unknown): number => {
  const rev = (row as { rev?: unknown } | null | undefined)?.rev
  return typeof rev === 'number' ? rev : 0
}

/** Of every change. A store more costs every transaction that names it. */
const STORES = ['receipts', 'audit', 'meta']

/**
 * One strict transaction: receipts, their approvals, one audit chunk and the head, chained from what this worker wrote last.
 * Everything is asked for at once. What is not as expected aborts all of it and answers `null`: a key that is there, another revision,
 * and another worker's entries, which lie where this chunk must be added. Where nothing needs to be compared first, the transaction is
 * told to commit with its requests, and no answer is waited for in between; a request that fails aborts it all the same (Indexed
 * Database API 3.0, 5.9). Hashing comes before the transaction, because awaiting WebCrypto in it would end it and commit half of it.
 *
 * @throws what the transaction failed with.
 */
export async function writeChanges(database: LedgerDatabase, known: LedgerHead, changes: readonly LedgerChange[]): Promise<LedgerHead | null> {
  let head = known
  const entries: AuditEntry[] = []
  const approvals: unknown[] = []
  for (const { row, facts } of changes) {
    for (const fact of facts) {
      const entry = chain(head, fact, await webCryptoDigest(utf8ToBytes(canonical(link(head, fact)))))
      head = { ...head, seq: entry.seq, hash: entry.hash }
      entries.push(entry)
      if (fact.kind === 'approved' || fact.kind === 'denied') approvals.push({ id: row.id, verdict: fact.kind, digest: fact.digest, at: fact.at })
    }
    head = { ...head, order: Math.max(head.order, row.order) }
  }

  // The bare transaction: a wrapped request costs a promise and two listeners each, and cannot abort in time.
  const tx = unwrap(database as unknown as IDBPDatabase).transaction(approvals.length > 0 ? [...STORES, 'approvals'] : STORES, 'readwrite', {
    durability: 'strict',
  })
  const receipts = tx.objectStore('receipts')
  let unseen = 0
  // First, so that no entry is written over: a chain has one next chunk.
  if (entries[0]) tx.objectStore('audit').add({ from: entries[0].seq, entries })
  for (const { row } of changes) {
    if (row.rev === 1) {
      receipts.add(row)
      continue
    }
    const there = receipts.get(row.id)
    unseen += 1
    there.onsuccess = () => {
      if (revOf(there.result) !== row.rev - 1) tx.abort()
      else if (--unseen === 0) tx.commit()
    }
    receipts.put(row)
  }
  for (const approval of approvals) tx.objectStore('approvals').put(approval)
  tx.objectStore('meta').put(head, 'head')
  if (unseen === 0) tx.commit()

  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve(head)
    tx.onabort = () => (tx.error === null || tx.error.name === 'ConstraintError' ? resolve(null) : reject(tx.error))
  })
}
