import type postgres from 'postgres'
import { inRole } from './in-role.ts'
import { LIMITS } from './limits.ts'

/** Counts claims for the alert on failures. In memory, and told to the database together: a row per claim would be a lock that all claims wait for. */
export type ClaimCounts = {
  /** One claim's answer by its HTTP status: 200 and 409 (somebody is at work on it) are answers; 401 is nobody of ours; all else is a failure. */
  status(status: number): void
  /** The answers of a batch, item by item. */
  items(claims: readonly object[]): void
  /** Tells the database now. Never throws; what could not be told is told next time. */
  flush(): Promise<void>
}

const failedItem = (claim: object): boolean => 'code' in claim && claim.code !== 'IN_PROGRESS'

export const createClaimCounts = (sql: postgres.Sql): ClaimCounts => {
  let answered = 0
  let failed = 0
  let due: ReturnType<typeof setTimeout> | null = null

  const flush = async (): Promise<void> => {
    if (due !== null) clearTimeout(due)
    due = null
    if (answered + failed === 0) return
    const told = { answered, failed }
    answered = 0
    failed = 0
    await inRole(sql, { role: 'service_role' }, (tx) => [tx`select public.maestro_note_claims(${told.answered}, ${told.failed})`]).catch(() => {
      answered += told.answered
      failed += told.failed
    })
  }

  const count = (good: number, bad: number): void => {
    answered += good
    failed += bad
    if (due !== null) return
    due = setTimeout(() => void flush(), LIMITS.claimCountsMs)
    // A host may end while counts wait: they are figures for an alert, not receipts.
    if (typeof due === 'object') due.unref()
  }

  return {
    status(status) {
      if (status === 200 || status === 409) count(1, 0)
      else if (status !== 401) count(0, 1)
    },
    items(claims) {
      if (claims.length === 0) return
      const bad = claims.filter(failedItem).length
      count(claims.length - bad, bad)
    },
    flush,
  }
}
