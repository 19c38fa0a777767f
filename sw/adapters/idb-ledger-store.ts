/**
 * `maestro_ledger` in IndexedDB. One strict transaction a commit: receipts, their approvals, one audit chunk and the head.
 * Hashing inside it is synchronous, because awaiting WebCrypto there would end the transaction and commit half of it.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import { chain, GENESIS, type AuditEntry, type ChainHead } from '../../src/audit/entry.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import * as v from '../../src/protocol/schema.ts'
import type { ChangeOutcome, LedgerChange, LedgerStore, StoreFailure } from '../ports/ledger-store.ts'

const DATABASE = 'maestro_ledger'

const HeadSchema = v.object({ seq: v.number(), hash: v.string(), order: v.number() })
const RevSchema = v.looseObject({ rev: v.number() })
const EntrySchema = v.object({ seq: v.number(), at: v.number(), kind: v.string(), receipt: v.string(), digest: v.string(), hash: v.string() })
const ChunkSchema = v.object({ from: v.number(), entries: v.array(EntrySchema) })

interface Tables extends DBSchema {
  receipts: { key: string; value: unknown; indexes: { open: number; order: number } }
  audit: { key: number; value: unknown }
  approvals: { key: string; value: unknown }
  meta: { key: string; value: unknown }
}

const failureOf = (error: unknown): StoreFailure => {
  const name = error instanceof Error ? error.name : 'Error'
  return { code: name === 'QuotaExceededError' ? 'QUOTA' : name === 'AbortError' ? 'ABORTED' : 'UNOPENABLE', name }
}

const headOf = (stored: unknown): ChainHead & { readonly order: number } => {
  const head = v.safeParse(HeadSchema, stored)
  return head.success ? head.output : { ...GENESIS, order: 0 }
}

const revOf = (row: unknown): number => {
  const parsed = v.safeParse(RevSchema, row)
  return parsed.success ? parsed.output.rev : 0
}

const isOpenRow = (row: unknown): boolean => (row as { open?: unknown } | null)?.open === 1

export function createIdbLedgerStore(): LedgerStore {
  let opening: Promise<IDBPDatabase<Tables>> | null = null

  const open = (): Promise<IDBPDatabase<Tables>> => {
    opening ??= openDB<Tables>(DATABASE, 1, {
      upgrade(database) {
        const receipts = database.createObjectStore('receipts', { keyPath: 'id' })
        receipts.createIndex('open', 'open')
        receipts.createIndex('order', 'order')
        database.createObjectStore('audit', { keyPath: 'from' })
        database.createObjectStore('approvals', { keyPath: 'id' })
        database.createObjectStore('meta')
      },
      blocking: (_current, _blocked, event) => {
        ;(event.target as unknown as IDBDatabase).close()
        opening = null
      },
      terminated: () => {
        opening = null
      },
    })
    opening.catch(() => {
      opening = null
    })
    return opening
  }

  /** Safari drops connections in the background: reopen once, retry once. */
  async function use<T>(work: (database: IDBPDatabase<Tables>) => Promise<T>): Promise<Result<T, StoreFailure>> {
    for (const last of [false, true]) {
      try {
        return ok(await work(await open()))
      } catch (error) {
        const name = error instanceof Error ? error.name : ''
        if (last || (name !== 'InvalidStateError' && name !== 'UnknownError')) return err(failureOf(error))
        opening = null
      }
    }
    return err({ code: 'UNOPENABLE', name: 'InvalidStateError' })
  }

  async function commit(database: IDBPDatabase<Tables>, changes: readonly LedgerChange[]): Promise<readonly ChangeOutcome[]> {
    const tx = database.transaction(['receipts', 'audit', 'approvals', 'meta'], 'readwrite', { durability: 'strict' })
    const receipts = tx.objectStore('receipts')
    const reads = await Promise.all([tx.objectStore('meta').get('head'), ...changes.map(({ row }) => receipts.get(row.id))])
    const { order, ...start } = headOf(reads[0])
    let head: ChainHead = start
    let orderMax = order
    const seen = new Map<string, unknown>()
    const entries: AuditEntry[] = []
    const writes: Promise<unknown>[] = []
    const outcomes = changes.map(({ row, facts }, i): ChangeOutcome => {
      const there = seen.get(row.id) ?? reads[i + 1]
      if (row.rev === 1 && there !== undefined) return { kind: 'exists', row: there }
      if (row.rev !== 1 && revOf(there) !== row.rev - 1) return { kind: 'conflict' }
      seen.set(row.id, row)
      orderMax = Math.max(orderMax, row.order)
      writes.push(receipts.put(row))
      for (const fact of facts) {
        const entry = chain(head, fact)
        head = { seq: entry.seq, hash: entry.hash }
        entries.push(entry)
        if (fact.kind === 'approved' || fact.kind === 'denied') {
          writes.push(tx.objectStore('approvals').put({ id: row.id, verdict: fact.kind, digest: fact.digest, at: fact.at }))
        }
      }
      return { kind: 'committed' }
    })
    if (entries.length > 0) writes.push(tx.objectStore('audit').put({ from: entries[0]?.seq ?? 0, entries }))
    if (writes.length > 0) writes.push(tx.objectStore('meta').put({ ...head, order: orderMax }, 'head'))
    await Promise.all([...writes, tx.done])
    return outcomes
  }

  async function load(database: IDBPDatabase<Tables>, recent: number): ReturnType<LedgerStore['load']> {
    const tx = database.transaction(['receipts', 'meta'])
    const stored = headOf(await tx.objectStore('meta').get('head'))
    const receipts = tx.objectStore('receipts')
    const rows = await receipts.index('open').getAll()
    // A damaged row may have fallen out of the indexes; it must be counted all the same, never just not seen.
    if ((await receipts.count()) !== (await receipts.index('order').count())) {
      const ordered = new Set((await receipts.index('order').getAllKeys()).map(String))
      for (const row of await receipts.getAll()) if (!ordered.has(String((row as { id: unknown }).id)) && !isOpenRow(row)) rows.push(row)
    }
    let cursor = await receipts.index('order').openCursor(null, 'prev')
    for (let count = 0; cursor && count < recent; count++) {
      if (!isOpenRow(cursor.value)) rows.push(cursor.value)
      cursor = await cursor.continue()
    }
    return ok({ rows, head: { seq: stored.seq, hash: stored.hash }, orderMax: stored.order })
  }

  async function audit(database: IDBPDatabase<Tables>, limit: number): ReturnType<LedgerStore['audit']> {
    const tx = database.transaction(['audit', 'meta'])
    const { seq, hash } = headOf(await tx.objectStore('meta').get('head'))
    const entries: AuditEntry[] = []
    let cursor = await tx.objectStore('audit').openCursor(null, 'prev')
    while (cursor && entries.length < limit) {
      const chunk = v.safeParse(ChunkSchema, cursor.value)
      if (chunk.success) entries.unshift(...chunk.output.entries)
      cursor = await cursor.continue()
    }
    return ok({ entries: entries.slice(-limit), head: { seq, hash } })
  }

  const flat = async <T>(result: Promise<Result<Result<T, StoreFailure>, StoreFailure>>): Promise<Result<T, StoreFailure>> => {
    const outer = await result
    return outer.ok ? outer.value : outer
  }

  return {
    exists: async () => (await indexedDB.databases()).some(({ name }) => name === DATABASE),
    commit: (changes) => use((database) => commit(database, changes)),
    load: (recent) => flat(use((database) => load(database, recent))),
    get: (id) => use((database) => database.get('receipts', id)),
    audit: (limit) => flat(use((database) => audit(database, limit))),
  }
}
