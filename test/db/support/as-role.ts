import type postgres from 'postgres'

type Claims = { readonly sub?: string; readonly tenant?: string }

/** Runs one statement as a database role with a token's claims, as PostgREST would; gives the rows, or throws what the database said. */
export const asRole = async (
  sql: postgres.Sql,
  role: 'anon' | 'authenticated' | 'service_role',
  { sub, tenant }: Claims,
  statement: (tx: postgres.TransactionSql) => postgres.PendingQuery<postgres.Row[]>,
): Promise<postgres.Row[]> =>
  sql.begin(async (tx) => {
    await tx`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${JSON.stringify({ sub, role, app_metadata: { tenant_id: tenant } })}, true)`
    return Array.from(await statement(tx))
  })
