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

/** What tells a database from others of the same name: every Supabase project calls its own `postgres`. Its password is no part of it. */
const nameOf = ({ path, user, host, port, database }: postgres.Sql['options']): string =>
  path ? `local/${database}` : `${user}@${host.join()}:${port.join()}/${database}`

const open = async (context: Context): Promise<postgres.Sql> => {
  const file = context.text('database-url-file')
  const url = file === null ? context.io.env['DATABASE_URL'] : (await readFile(file, 'utf8').catch(() => '')).trim()
  const isGiven = url !== undefined && url !== ''
  const local = isGiven ? null : await localOptions((await context.target()).dataDir)
  if (!isGiven && local === null)
    throw new Fault(EXIT.usage, 'DATABASE_UNKNOWN', 'Which database? Set DATABASE_URL or give --database-url-file FILE; or start the local stack.')
  const connect = await driver()
  try {
    return local === null ? connect(url ?? '', QUIET) : connect({ ...local, ...QUIET })
  } catch {
    throw new Fault(EXIT.usage, 'DATABASE_URL_INVALID', 'The database’s address is none: postgres://USER:PASSWORD@HOST:PORT/DATABASE.')
  }
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
/** Sent by the server about a statement, which it undid; not about the connection. */
const isStatementFault = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code) && !/^(08|57P)/.test(code)

const notReached = (error: unknown): Fault => {
  const code = codeOf(error)
  if (code.startsWith('28')) return new Fault(EXIT.auth, 'DATABASE_REFUSED', 'The database refuses this user or password.')
  if (isStatementFault(code)) return new Fault(EXIT.red, 'DATABASE_FAILED', `The database says: ${said(error)} (${code}).`)
  return new Fault(EXIT.red, 'DATABASE_UNREACHABLE', `The database does not answer (${code || said(error)}).`)
}

const notDone = (error: unknown): Fault => {
  if (error instanceof Fault) return error
  const code = codeOf(error)
  if (isStatementFault(code)) return new Fault(EXIT.red, 'DATABASE_FAILED', `The database says: ${said(error)} (${code}). Nothing was changed.`)
  return new Fault(
    EXIT.red,
    'DATABASE_LOST',
    `The connection broke while the work was under way (${code || said(error)}). It may have been done or not: look, or repeat the command.`,
  )
}

/**
 * Runs one transaction's work on the database as its owner: `--database-url-file`, else `DATABASE_URL`, else a running local stack's own.
 * `agree` is told which database it is before anything is sent, and refuses by throwing.
 * Throws a `Fault` when there is none, it cannot be reached or breaks off (red), or its password is wrong (auth).
 */
export const withDatabase = async <T>(context: Context, agree: (name: string) => void, work: (sql: postgres.Sql) => Promise<T>): Promise<T> => {
  const sql = await open(context)
  try {
    agree(nameOf(sql.options))
    await sql`select 1`.catch((error: unknown) => {
      throw notReached(error)
    })
    return await work(sql)
  } catch (error) {
    throw notDone(error)
  } finally {
    await sql.end({ timeout: 2 })
  }
}
