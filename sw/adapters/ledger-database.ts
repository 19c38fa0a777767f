/** `maestro_ledger`: its tables, and a connection that comes back. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import { err, ok, type Result } from '../../src/base/result.ts'
import type { StoreFailure } from '../ports/ledger-store.ts'

export const LEDGER = 'maestro_ledger'

interface Tables extends DBSchema {
  receipts: { key: string; value: unknown; indexes: { open: number; order: number } }
  audit: { key: number; value: unknown }
  approvals: { key: string; value: unknown }
  meta: { key: string; value: unknown }
}

export type LedgerDatabase = IDBPDatabase<Tables>

/** Runs `work` on the connection, opened at its first use. */
export type UseLedger = <T>(work: (database: LedgerDatabase) => Promise<T>) => Promise<Result<T, StoreFailure>>

const failureOf = (error: unknown): StoreFailure => {
  const name = error instanceof Error ? error.name : 'Error'
  return { code: name === 'QuotaExceededError' ? 'QUOTA' : name === 'AbortError' ? 'ABORTED' : 'UNOPENABLE', name }
}

export function createLedgerDatabase(): UseLedger {
  let opening: Promise<LedgerDatabase> | null = null
  const forget = (): void => {
    opening = null
  }

  const open = (): Promise<LedgerDatabase> => {
    opening ??= openDB<Tables>(LEDGER, 1, {
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
        forget()
      },
      terminated: forget,
    })
    opening.catch(forget)
    return opening
  }

  /** Safari drops connections in the background: reopen once, retry once. */
  return async (work) => {
    for (let isLast = false; ; isLast = true) {
      try {
        return ok(await work(await open()))
      } catch (error) {
        const failed = failureOf(error)
        if (isLast || (failed.name !== 'InvalidStateError' && failed.name !== 'UnknownError')) return err(failed)
        forget()
      }
    }
  }
}
