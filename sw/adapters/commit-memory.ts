import type { MemoryChange, MemoryRow } from '../ports/memory-store.ts'
import { decide, idOf } from './memory-change.ts'
import type { MemoryDatabase } from './memory-database.ts'

const end = (transaction: { abort(): void }): void => {
  try {
    transaction.abort()
  } catch {
    // It has ended by itself.
  }
}

/** All of it, in one transaction, or nothing: `false` where one of the changes was decided on what does not lie there any more. */
export async function commitMemory(database: MemoryDatabase, changes: readonly MemoryChange[], durability: 'strict' | 'relaxed'): Promise<boolean> {
  const transaction = database.transaction([...new Set(changes.map(({ store }) => store))], 'readwrite', { durability })
  // Awaited below; where a reading fails first, that is what is told.
  transaction.done.catch(() => undefined)
  const there = await Promise.all(
    changes.map(async (change) => (await transaction.objectStore(change.store).get(idOf(change))) as MemoryRow | undefined),
  )
  const decided = changes.map((change, i) => decide(change, there[i]))
  const isWhole = decided.every((one) => one !== null)
  const asked: Promise<unknown>[] = []
  try {
    for (const [i, { store }] of changes.entries()) {
      const one = isWhole ? decided[i] : null
      const table = transaction.objectStore(store)
      if (one) asked.push('remove' in one ? table.delete(one.remove) : table.put(one.put))
    }
  } catch (error) {
    // What is refused at once does not end the transaction, and half a change is none.
    end(transaction)
    throw error
  } finally {
    for (const one of asked) one.catch(() => undefined)
  }
  // Why a transaction failed is the transaction's to say; a request only says that it was aborted.
  await transaction.done
  return isWhole
}
