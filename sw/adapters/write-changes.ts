import { unwrap, type IDBPDatabase } from 'idb'
import { chain, type AuditEntry } from '../../src/audit/entry.ts'
import type { LedgerChange } from '../ports/ledger-store.ts'
import { parseHead, type LedgerHead } from './ledger-head.ts'
import type { LedgerDatabase } from './ledger-database.ts'

/** Revision of what lies on disk; 0 for what is not there, or is no receipt. */
export const revOf = (row: unknown): number => {
  const rev = (row as { rev?: unknown } | null | undefined)?.rev
  return typeof rev === 'number' ? rev : 0
}

/**
 * One strict transaction: receipts, their approvals, one audit chunk and the head, chained from what this worker wrote last.
 * Everything is asked for at once and compared while it is under way; what is not as expected (another worker's head, another
 * revision, a key that is there) aborts all of it and answers `null`. Hashing is synchronous, because awaiting WebCrypto here
 * would end the transaction and commit half of it.
 *
 * @throws what the transaction failed with.
 */
export function writeChanges(database: LedgerDatabase, known: LedgerHead, changes: readonly LedgerChange[]): Promise<LedgerHead | null> {
  // The bare transaction: a wrapped request costs a promise and two listeners each, and cannot abort in time.
  const tx = unwrap(database as unknown as IDBPDatabase).transaction(['receipts', 'audit', 'approvals', 'meta'], 'readwrite', {
    durability: 'strict',
  })
  const receipts = tx.objectStore('receipts')
  const meta = tx.objectStore('meta')
  let unseen = 0
  const expect = <T>(request: IDBRequest<T>, isExpected: (there: T) => boolean): void => {
    unseen += 1
    request.onsuccess = () => {
      if (!isExpected(request.result)) tx.abort()
      else if (--unseen === 0) tx.commit()
    }
  }

  const entries: AuditEntry[] = []
  let head = known
  for (const { row, facts } of changes) {
    for (const fact of facts) {
      const entry = chain(head, fact)
      head = { ...head, seq: entry.seq, hash: entry.hash }
      entries.push(entry)
      if (fact.kind === 'approved' || fact.kind === 'denied')
        tx.objectStore('approvals').put({ id: row.id, verdict: fact.kind, digest: fact.digest, at: fact.at })
    }
    head = { ...head, order: Math.max(head.order, row.order) }
  }
  expect(meta.get('head'), (stored) => {
    // A head that is missing or damaged is written anew from what the chain itself says.
    const there = parseHead(stored)
    return there === null || (there.hash === known.hash && there.order === known.order)
  })
  for (const { row } of changes) {
    if (row.rev === 1) expect(receipts.add(row), () => true)
    else {
      expect(receipts.get(row.id), (there) => revOf(there) === row.rev - 1)
      receipts.put(row)
    }
  }
  if (entries[0]) tx.objectStore('audit').add({ from: entries[0].seq, entries })
  meta.put(head, 'head')

  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve(head)
    tx.onabort = () => (tx.error === null || tx.error.name === 'ConstraintError' ? resolve(null) : reject(tx.error))
  })
}
