/** What every ledger store must do. Plain functions, so that the same cases run in Node against the fake and in a browser against IndexedDB. */
import { verifyChain } from '../../src/audit/verify.ts'
import type { AuditFact } from '../../src/audit/entry.ts'
import type { LedgerChange, LedgerStoreDep, ReceiptRow } from '../../sw/ports/ledger-store.ts'

type Store = LedgerStoreDep['store']

export type StoreCase = { readonly name: string; readonly run: (store: Store) => Promise<void> }

const expectSame = (actual: unknown, expected: unknown, what: string): void => {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`)
}

const valueOf = async <T>(result: Promise<{ ok: true; value: T } | { ok: false; error: unknown }>): Promise<T> => {
  const given = await result
  if (!given.ok) throw new Error(`the store failed: ${JSON.stringify(given.error)}`)
  return given.value
}

/** All that a load gives, what comes later included. */
const allOf = async (reading: ReturnType<Store['load']>): Promise<readonly unknown[]> => {
  const { rows, newest } = await valueOf(reading)
  return [...rows, ...(await newest)]
}

const id = (name: string): string => name.padEnd(64, '0')
const row = (name: string, rev = 1, order = 1, isOpen = true): ReceiptRow => {
  const base = { id: id(name), shape: 2, owner: 'o', rev, order, sealed: Uint8Array.of(rev, order) }
  return isOpen ? { ...base, open: 1 } : base
}
const fact = (name: string, kind: string): AuditFact => ({ at: 7, kind, receipt: id(name), digest: 'd'.repeat(64) })
const change = (of: ReceiptRow, ...kinds: string[]): LedgerChange => ({ row: of, facts: kinds.map((kind) => fact(of.id, kind)) })
const kinds = async (store: Store, changes: readonly LedgerChange[]): Promise<string[]> =>
  (await valueOf(store.commit(changes))).map(({ kind }) => kind)
const idsOf = (rows: readonly unknown[]): string[] => rows.map((each) => (each as ReceiptRow).id.replace(/0+$/, '')).toSorted()

export const STORE_CASES: readonly StoreCase[] = [
  {
    name: 'a store that was never written is empty and at the beginning of its chain',
    async run(store) {
      const read = await valueOf(store.load(10))
      expectSame([read.rows, await read.newest, read.orderMax], [[], [], 0], 'an empty store')
      expectSame(await valueOf(store.get(id('a'))), undefined, 'a row that is not there')
      expectSame((await valueOf(store.audit(10))).entries, [], 'its chain')
    },
  },
  {
    name: 'a commit keeps its rows and chains its facts, all of them (law 3)',
    async run(store) {
      expectSame(
        await kinds(store, [change(row('a'), 'admitted', 'done'), change(row('b', 1, 2), 'admitted')]),
        ['committed', 'committed'],
        'outcomes',
      )
      const { entries, head } = await valueOf(store.audit(100))
      expectSame(
        entries.map(({ seq, kind }) => [seq, kind]),
        [
          [1, 'admitted'],
          [2, 'done'],
          [3, 'admitted'],
        ],
        'entries',
      )
      expectSame(verifyChain(entries, head).intact, true, 'the chain')
      const kept = (await valueOf(store.get(id('a')))) as ReceiptRow
      expectSame([...kept.sealed], [1, 1], 'the sealed bytes')
    },
  },
  {
    name: 'an insert never overwrites: it gives the row that was there first, and chains nothing',
    async run(store) {
      await kinds(store, [change(row('a'), 'admitted')])
      const [outcome] = await valueOf(store.commit([change(row('a', 1, 9), 'admitted')]))
      expectSame(outcome?.kind, 'exists', 'the outcome')
      expectSame(outcome?.kind === 'exists' && (outcome.row as ReceiptRow).order, 1, 'the row that was first')
      expectSame((await valueOf(store.audit(10))).head.seq, 1, 'the chain')
    },
  },
  {
    name: 'of two inserts of one id in the same commit the first wins',
    async run(store) {
      expectSame(await kinds(store, [change(row('a', 1, 1), 'admitted'), change(row('a', 1, 2), 'admitted')]), ['committed', 'exists'], 'outcomes')
    },
  },
  {
    name: 'a change counts only on the revision it was made from',
    async run(store) {
      await kinds(store, [change(row('a'), 'admitted')])
      expectSame(await kinds(store, [change(row('a', 2), 'leased')]), ['committed'], 'the next revision')
      expectSame(await kinds(store, [change(row('a', 2), 'leased')]), ['conflict'], 'the same revision again')
      expectSame(await kinds(store, [change(row('a', 9), 'done')]), ['conflict'], 'a revision from nowhere')
      expectSame(await kinds(store, [change(row('b', 2), 'done')]), ['conflict'], 'a change of what is not there')
      expectSame((await valueOf(store.audit(10))).head.seq, 2, 'the chain')
    },
  },
  {
    name: 'one that is refused does not spoil its neighbours in the commit',
    async run(store) {
      await kinds(store, [change(row('a'), 'admitted')])
      const outcomes = await kinds(store, [change(row('b', 1, 2), 'admitted'), change(row('a', 7), 'done'), change(row('a', 2), 'leased')])
      expectSame(outcomes, ['committed', 'conflict', 'committed'], 'outcomes')
    },
  },
  {
    name: 'two commits at once keep one chain without a gap',
    async run(store) {
      await Promise.all(Array.from({ length: 2 }, (_, i) => store.commit([change(row(`r${i}`, 1, i + 1), 'admitted')])))
      const { entries, head } = await valueOf(store.audit(100))
      expectSame([entries.length, verifyChain(entries, head).intact], [2, true], 'the chain')
    },
  },
  {
    name: 'load gives everything open, the newest of the others, and the highest order',
    async run(store) {
      await kinds(store, [change(row('a', 1, 1), 'admitted'), change(row('b', 1, 2, false), 'admitted'), change(row('c', 1, 3, false), 'admitted')])
      const read = await valueOf(store.load(1))
      expectSame(idsOf(read.rows), ['a'], 'open rows')
      expectSame(idsOf(await read.newest), ['c'], 'the newest others')
      expectSame(read.orderMax, 3, 'the highest order')
      expectSame(idsOf(await allOf(store.load(10))), ['a', 'b', 'c'], 'all rows')
    },
  },
  {
    name: 'the chain is read from its end, or on from a place',
    async run(store) {
      for (let i = 1; i <= 5; i++) await kinds(store, [change(row(`r${i}`, 1, i), 'admitted', 'done')])
      const seqs = async (limit: number, after?: number): Promise<number[]> =>
        (await valueOf(store.audit(limit, after))).entries.map(({ seq }) => seq)
      expectSame(await seqs(3), [8, 9, 10], 'the end')
      expectSame(await seqs(3, 0), [1, 2, 3], 'the beginning')
      expectSame(await seqs(3, 5), [6, 7, 8], 'from the middle of a group')
      expectSame(await seqs(100, 9), [10], 'the last')
      expectSame(await seqs(100, 10), [], 'beyond')
    },
  },
  {
    name: 'many small groups of the chain are read as one',
    async run(store) {
      for (let i = 1; i <= 40; i++) await kinds(store, [change(row(`${i}r`, 1, i), 'admitted')])
      const read = async (limit: number, after?: number) => (await valueOf(store.audit(limit, after))).entries.map(({ seq }) => seq)
      expectSame(
        await read(35, 2),
        Array.from({ length: 35 }, (_, i) => i + 3),
        'across the groups',
      )
      expectSame(
        await read(1_000, 0),
        Array.from({ length: 40 }, (_, i) => i + 1),
        'all',
      )
      expectSame(await read(2), [39, 40], 'the end')
    },
  },
  {
    name: 'a store exists once it was written',
    async run(store) {
      await kinds(store, [change(row('a'), 'admitted')])
      expectSame(await store.exists(), true, 'existence')
    },
  },
]
