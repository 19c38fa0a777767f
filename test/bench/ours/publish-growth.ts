/**
 * Grows a ledger and times work in it. The newest receipts are the product's own; older ones are copies of its first row under
 * other names: as long on disk and as many in every index, though nobody could open them.
 */
import type { MaestroClient } from '../../../src/client/index.ts'
import { INTENT } from '../pages/intent.ts'

const DATABASE = 'maestro_ledger'
const CHUNK = 5_000

type Head = { readonly seq: number; readonly order: number }
type Row = { readonly id: string; readonly order: number; readonly open?: unknown }

const result = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('a request failed')))
  })

const complete = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('a transaction was aborted')))
  })

const hex = (bytes: number): string => [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

const withDatabase = async <T>(work: (database: IDBDatabase) => Promise<T>): Promise<T> => {
  const database = await result(indexedDB.open(DATABASE))
  try {
    return await work(database)
  } finally {
    database.close()
  }
}

/** Resolves when no row is open any more. */
const closed = async (database: IDBDatabase): Promise<void> => {
  for (;;) {
    if ((await result(database.transaction('receipts').objectStore('receipts').index('open').count())) === 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Copies the newest row and chunk so often, in the orders and numbers that would have come next, and moves the ledger's head behind them. */
const copies = async (database: IDBDatabase, count: number): Promise<void> => {
  const read = database.transaction(['receipts', 'audit', 'meta'])
  const rows = (await result(read.objectStore('receipts').getAll(null, 1))) as readonly Row[]
  const chunks = (await result(read.objectStore('audit').getAll(null, 1))) as readonly { readonly from: number }[]
  const head = (await result(read.objectStore('meta').get('head'))) as Head | undefined
  const [row, chunk] = [rows[0], chunks[0]]
  if (!row || !chunk || !head || row.open !== undefined) throw new Error('there is no row to copy')
  for (let made = 0; made < count;) {
    const transaction = database.transaction(['receipts', 'audit'], 'readwrite', { durability: 'relaxed' })
    const [receipts, audit] = [transaction.objectStore('receipts'), transaction.objectStore('audit')]
    for (const end = Math.min(count, made + CHUNK); made < end; made++) {
      receipts.put({ ...row, id: hex(32), order: head.order + 1 + made })
      audit.put({ ...chunk, from: head.seq + 1 + made })
    }
    await complete(transaction)
  }
  const transaction = database.transaction('meta', 'readwrite')
  transaction.objectStore('meta').put({ ...head, seq: head.seq + count, order: head.order + count }, 'head')
  await complete(transaction)
}

export const publishGrowth = (client: MaestroClient): void => {
  const note = async (key: string): Promise<void> => {
    const { status, failure } = await client.execute('bench.note', INTENT, { key })
    if (status !== 'done') throw new Error(`not done but ${status}: ${failure?.message ?? ''}`)
  }
  const timed = async (count: number, work: (i: number) => Promise<void>): Promise<readonly number[]> => {
    const times: number[] = []
    for (let i = 0; i < count; i++) {
      const start = performance.now()
      await work(i)
      times.push(performance.now() - start)
    }
    return times
  }
  const growth = {
    /** One real receipt and so many copies of it. The worker must be started anew before it writes again: it remembers the old head. */
    async copy(count: number): Promise<void> {
      await note('first')
      await withDatabase(async (database) => {
        await closed(database)
        await copies(database, count)
      })
    },
    /** Real receipts under `seed-{n}`, newer than all copies. */
    async seed(count: number): Promise<void> {
      await Promise.all(Array.from({ length: count }, (_, i) => note(`seed-${i}`)))
      await withDatabase(closed)
    },
    claims: (count: number) => timed(count, () => note(crypto.randomUUID())),
    lookups: (from: number, count: number) =>
      timed(count, async (i) => {
        if ((await client.receipt(`seed-${from + i}`)) === null) throw new Error(`seed-${from + i} is gone`)
      }),
    count: () => withDatabase((database) => result(database.transaction('receipts').objectStore('receipts').count())),
  }
  Object.assign(globalThis, { growth })
}
