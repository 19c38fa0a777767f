/** `maestro_ledger` in IndexedDB. A group of changes is one strict transaction, acknowledged when it is complete. */
import { GENESIS, type AuditEntry } from '../../src/audit/entry.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { ChangeOutcome, LedgerChange, LedgerRead, LedgerStoreDep } from '../ports/ledger-store.ts'
import { createLedgerDatabase, LEDGER, type LedgerDatabase } from './ledger-database.ts'
import { headOf, parseHead, type LedgerHead } from './ledger-head.ts'
import { revOf, writeChanges } from './write-changes.ts'

const EntrySchema = v.object({ seq: v.number(), at: v.number(), kind: v.string(), receipt: v.string(), digest: v.string(), hash: v.string() })
const ChunkSchema = v.object({ entries: v.array(EntrySchema) })

/** Chunks of the chain read at once: each holds one entry at least and a group commit's at most. */
const CHUNKS_AT_ONCE = 32

const withoutOpen = (rows: readonly unknown[]): readonly unknown[] => rows.filter((row) => (row as { open?: unknown } | null)?.open !== 1)

const standsInTheWay = (row: LedgerChange['row'], there: unknown): ChangeOutcome | null =>
  row.rev !== 1 ? (revOf(there) === row.rev - 1 ? null : { kind: 'conflict' }) : there === undefined ? null : { kind: 'exists', row: there }

export function createIdbLedgerStore(): LedgerStoreDep['store'] {
  const use = createLedgerDatabase()
  /** As this worker read or wrote it last. Another one may have written since: the transaction itself finds that out. */
  const heads = new WeakMap<LedgerDatabase, LedgerHead>()

  async function commit(database: LedgerDatabase, changes: readonly LedgerChange[]): Promise<readonly ChangeOutcome[]> {
    const outcomes = new Map<LedgerChange, ChangeOutcome>()
    for (let tries = 0; outcomes.size < changes.length && tries < LIMITS.changeTriesMax + changes.length; tries++) {
      const ids = new Set<string>()
      // Two changes of one receipt: the second is compared with what the first left behind.
      const group = changes.filter((change) => !outcomes.has(change) && !ids.has(change.row.id) && ids.add(change.row.id))
      const head = await writeChanges(database, heads.get(database) ?? (await readHead(database)), group)
      if (head) heads.set(database, head)
      else heads.delete(database)
      const tx = head ? null : database.transaction('receipts')
      const there = await Promise.all(group.map(({ row }) => tx?.store.get(row.id)))
      group.forEach((change, i) => {
        const outcome = tx ? standsInTheWay(change.row, there[i]) : ({ kind: 'committed' } as const)
        if (outcome) outcomes.set(change, outcome)
      })
    }
    return changes.map((change) => outcomes.get(change) ?? { kind: 'conflict' })
  }

  /** Where the head is lost, the chain's last entry and the highest order stand in for it: evidence is never written over. */
  async function readHead(database: LedgerDatabase): Promise<LedgerHead> {
    const head = parseHead(await database.get('meta', 'head'))
    if (head) return head
    const tx = database.transaction(['audit', 'receipts'])
    const [chunk, last] = await Promise.all([
      tx.objectStore('audit').openCursor(null, 'prev'),
      tx.objectStore('receipts').index('order').openKeyCursor(null, 'prev'),
    ])
    const entries = v.safeParse(ChunkSchema, chunk?.value)
    const end = entries.success ? entries.output.entries.at(-1) : undefined
    return { seq: end?.seq ?? 0, hash: end?.hash ?? GENESIS.hash, order: Number(last?.key ?? 0) }
  }

  async function load(database: LedgerDatabase, recent: number): Promise<LedgerRead> {
    const tx = database.transaction(['receipts', 'meta'])
    const [rows, stored] = await Promise.all([tx.objectStore('receipts').index('open').getAll(), tx.objectStore('meta').get('head')])
    const head = parseHead(stored) ?? (await readHead(database))
    heads.set(database, head)
    const newest = database.getAllFromIndex('receipts', 'order', IDBKeyRange.lowerBound(head.order - recent + 1)).then(withoutOpen, () => [null])
    return { rows, newest, orderMax: head.order }
  }

  /** Rows that fell out of the index by which everything is found: they must be counted all the same, never just not seen. */
  async function strays(database: LedgerDatabase): Promise<readonly unknown[]> {
    const { store } = database.transaction('receipts')
    const order = store.index('order')
    const [all, ordered] = await Promise.all([store.count(), order.count()])
    if (all === ordered) return []
    const found = new Set(await order.getAllKeys())
    const rows = await Promise.all((await store.getAllKeys()).filter((key) => !found.has(key)).map((key) => store.get(key)))
    return withoutOpen(rows)
  }

  async function audit(database: LedgerDatabase, limit: number, after?: number): Promise<{ entries: AuditEntry[]; head: LedgerHead }> {
    const tx = database.transaction(['audit', 'meta'])
    const head = headOf(await tx.objectStore('meta').get('head'))
    const start = after ?? head.seq - limit
    const chunks = tx.objectStore('audit')
    const entries: AuditEntry[] = []
    // From the chunk that holds the first, on to the one that holds the last; a damaged one is passed over.
    let from = (await chunks.openKeyCursor(IDBKeyRange.upperBound(start + 1), 'prev'))?.key ?? 0
    for (let isLast = false; entries.length < limit && !isLast;) {
      const read = await chunks.getAll(IDBKeyRange.lowerBound(from), CHUNKS_AT_ONCE)
      for (const stored of read) {
        const parsed = v.safeParse(ChunkSchema, stored)
        if (parsed.success) entries.push(...parsed.output.entries.filter(({ seq }) => seq > start))
      }
      from = Number((read.at(-1) as { from?: unknown } | undefined)?.from) + 1
      isLast = read.length < CHUNKS_AT_ONCE || Number.isNaN(from)
    }
    return { entries: entries.slice(0, limit), head }
  }

  return {
    exists: async () => (await indexedDB.databases()).some(({ name }) => name === LEDGER),
    strays: () => use(strays),
    commit: (changes) => use((database) => commit(database, changes)),
    load: (recent) => use((database) => load(database, recent)),
    get: (id) => use((database) => database.get('receipts', id)),
    audit: (limit, after) => use((database) => audit(database, limit, after)),
  }
}
