import type postgres from 'postgres'
import type { Caller } from './caller.ts'
import { LIMITS } from './limits.ts'

type As = { readonly role: 'anon' | 'service_role' } | { readonly role: 'authenticated'; readonly caller: Caller }

const claimsOf = (as: As): string =>
  as.role === 'authenticated'
    ? JSON.stringify({ sub: as.caller.principal, role: as.role, app_metadata: { tenant_id: as.caller.tenant } })
    : JSON.stringify({ role: as.role })

/**
 * Runs statements in one transaction as a database role, with the caller's claims where policies read them.
 * Everything is sent at once: opening, claims, statements and commit cost one round trip, and a failed statement makes the commit a rollback.
 * Throws what the first failed statement threw.
 */
export const inRole = async (
  sql: postgres.Sql,
  as: As,
  statements: (transaction: postgres.Sql) => readonly postgres.PendingQuery<postgres.Row[]>[],
): Promise<readonly postgres.RowList<postgres.Row[]>[]> => {
  const connection = await sql.reserve()
  try {
    const sent = await Promise.allSettled([
      connection`begin`,
      connection`select set_config('role', ${as.role}, true), set_config('request.jwt.claims', ${claimsOf(as)}, true),
        set_config('statement_timeout', ${String(LIMITS.statementMs)}, true)`,
      ...statements(connection),
      connection`commit`,
    ])
    const rows = sent.map((result) => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
    return rows.slice(2, -1)
  } finally {
    connection.release()
  }
}
