import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type postgres from 'postgres'
import type { Context } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'

type Options = postgres.Options<Record<string, never>>

const QUIET: Options = { max: 1, connect_timeout: 5, onnotice: () => undefined, connection: { application_name: 'maestro-cli' } }

/** Where a local stack's own PostgreSQL listens: in its home's `run`, or under /tmp when that path is too long for a socket. */
const localOptions = async (dataDir: string): Promise<Options | null> => {
  const password = await readFile(join(dataDir, 'postgres.password'), 'utf8').catch(() => null)
  if (password === null) return null
  const outside = await readFile(join(dataDir, 'postgres-home'), 'utf8').catch(() => null)
  const home = outside?.trim() ?? join(dataDir, 'postgres')
  const short = `/tmp/maestro-${createHash('sha256').update(home).digest('hex').slice(0, 24)}`
  const path = [join(home, 'run'), short].map((folder) => join(folder, '.s.PGSQL.5432')).find((socket) => existsSync(socket))
  return path === undefined ? null : { path, user: 'maestro', password: password.trim(), database: 'postgres' }
}

const driver = async (): Promise<typeof postgres> => {
  try {
    return (await import('postgres')).default
  } catch {
    throw new Fault(
      EXIT.notApplicable,
      'DRIVER_MISSING',
      'This needs the package "postgres": npm install postgres. Or run the script yourself: psql "$DATABASE_URL" -f FILE (see --print).',
    )
  }
}

/**
 * Runs work on the database as its owner: `--database-url-file`, else `DATABASE_URL`, else a running local stack's own.
 * Throws a `Fault` when there is none, it cannot be reached (red), or its password is wrong (auth).
 */
export const withDatabase = async <T>(context: Context, work: (sql: postgres.Sql) => Promise<T>): Promise<T> => {
  const file = context.text('database-url-file')
  const url = file === null ? context.io.env['DATABASE_URL'] : (await readFile(file, 'utf8').catch(() => '')).trim()
  const local = url === undefined || url === '' ? await localOptions((await context.target()).dataDir) : null
  if ((url === undefined || url === '') && local === null)
    throw new Fault(EXIT.usage, 'DATABASE_UNKNOWN', 'Which database? Set DATABASE_URL or give --database-url-file FILE; or start the local stack.')
  const connect = await driver()
  const sql = local === null ? connect(url ?? '', QUIET) : connect({ ...local, ...QUIET })
  try {
    return await work(sql)
  } catch (error) {
    if (error instanceof Fault) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code.startsWith('28')) throw new Fault(EXIT.auth, 'DATABASE_REFUSED', 'The database refuses this user or password.')
    if (/^(ECONN|ENOENT|ENOTFOUND|CONNECT|ETIMEDOUT|57P03|EAI)/.test(code))
      throw new Fault(EXIT.red, 'DATABASE_UNREACHABLE', `The database does not answer (${code}).`)
    throw new Fault(
      EXIT.red,
      'DATABASE_FAILED',
      `The database says: ${error instanceof Error ? error.message : String(error)} (${code}). Nothing was changed.`,
    )
  } finally {
    await sql.end({ timeout: 2 })
  }
}
