import postgres from 'postgres'
import { startCluster } from './postgres/cluster.ts'

export type Database = {
  /** As the database's owner; prepared, pooled. */
  readonly sql: postgres.Sql
  /** Ends connections, and the server if this process runs it. Safe to call again. */
  close(): Promise<void>
}

/** Reconnects within a second: the database is on this machine, or it is the operator who chose it. */
const OPTIONS = {
  max: 10,
  connect_timeout: 5,
  backoff: (attempt: number) => Math.min(0.05 * 2 ** attempt, 1),
  onnotice: () => undefined,
  connection: { application_name: 'maestro' },
} as const

/** The database of the stack: `DATABASE_URL` if it is set, else a cluster of its own in or for the data folder. */
export const openDatabase = async (dataDir: string, log: (line: string) => void): Promise<Database> => {
  const url = process.env['DATABASE_URL']
  if (url !== undefined && url !== '') {
    const sql = postgres(url, OPTIONS)
    return { sql, close: () => sql.end({ timeout: 2 }) }
  }
  const cluster = await startCluster(dataDir, log)
  const sql = postgres({ ...cluster.connection, ...OPTIONS })
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await sql.end({ timeout: 2 })
    await cluster.stop()
  }
  return { sql, close: () => (closing ??= close()) }
}
