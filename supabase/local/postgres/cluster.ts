import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { privateOnce } from '../private-file.ts'
import type { Binaries } from './binaries.ts'
import { chooseBinaries } from './choose-binaries.ts'
import { clusterHome } from './home.ts'
import { OWNER, initialise } from './initialise.ts'
import { isAlive, runningServer } from './pid-file.ts'
import { runAs, serverUser } from './server-user.ts'
import type { ServerUser } from './server-user.ts'
import { socketFolder } from './socket-folder.ts'

export type Connection = { readonly path: string; readonly user: string; readonly password: string; readonly database: string }

export type Cluster = {
  readonly connection: Connection
  /** Fast shutdown: open transactions roll back, everything committed is on disk. Immediate after ten seconds. */
  stop(): Promise<void>
}

/** Recovery after a crash may take a while; a normal start takes a fraction of a second. */
const START_MS = 60_000
const STOP_MS = 10_000
/** PostgreSQL sees the end of a killed stack's connection a moment after the stack's end. */
const RELEASE_MS = 3_000
/** A server we took over may just be ending, and processes of a killed one may need a moment to notice. */
const RESTARTS = 4
/** One stack per cluster, as long as its connection lives. */
const STACK_LOCK = 20_260_121

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const launch = async (home: string, sockets: string, binaries: Binaries, user: ServerUser | null): Promise<number> => {
  const logFile = await open(join(home, 'postgres.log'), 'a', 0o600)
  const settings = ['listen_addresses=', `unix_socket_directories=${sockets}`, 'unix_socket_permissions=0700', 'max_connections=40']
  // Its own session, so that a Ctrl-C at the terminal reaches us only and we stop it after the last answer.
  const child = spawn(join(binaries.bin, 'postgres'), ['-D', join(home, 'data'), ...settings.flatMap((setting) => ['-c', setting])], {
    ...runAs(user),
    detached: true,
    stdio: ['ignore', logFile.fd, logFile.fd],
  })
  child.unref()
  try {
    return await new Promise<number>((resolve, reject) => child.once('error', reject).once('spawn', () => resolve(child.pid ?? 0)))
  } finally {
    await logFile.close()
  }
}

/** A connection that answers, and holds the cluster for this process; null when the server ends. Throws when another stack holds it. */
const hold = async (connection: Connection, pid: number, home: string): Promise<postgres.Sql | null> => {
  const [released, deadline] = [Date.now() + RELEASE_MS, Date.now() + START_MS]
  for (;;) {
    const sql = postgres({ ...connection, max: 1, connect_timeout: 5, onnotice: () => undefined, connection: { application_name: 'maestro-holder' } })
    const held = await sql<{ held: boolean }[]>`select pg_try_advisory_lock(${STACK_LOCK}) as held`.catch((error: unknown) => error)
    if (Array.isArray(held) && held[0]?.held === true) return sql
    await sql.end({ timeout: 1 })
    if (Array.isArray(held) && Date.now() > released) throw new Error(`Another MAESTRO stack is using the database in ${home}`)
    if (!isAlive(pid)) return null
    if (Date.now() > deadline) throw new Error(`PostgreSQL does not answer: ${held instanceof Error ? held.message : 'unknown fault'}`)
    await pause(25)
  }
}

const end = async (pid: number, home: string): Promise<void> => {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if ((await runningServer(home)) !== pid) return
    process.kill(pid, signal)
    for (const until = Date.now() + STOP_MS; Date.now() < until && (await runningServer(home)) === pid;) await pause(20)
  }
}

/**
 * Starts the cluster of a data folder, making it first if there is none, or takes over the server that a killed stack left running.
 * It listens on a Unix socket in a private folder only.
 */
export const startCluster = async (dataDir: string, log: (line: string) => void): Promise<Cluster> => {
  const user = await serverUser()
  const home = await clusterHome(dataDir, user, log)
  const password = (await privateOnce(join(dataDir, 'postgres.password'), () => randomBytes(24).toString('base64url'))).trim()
  const sockets = await socketFolder(home, user)
  const connection = { path: join(sockets, '.s.PGSQL.5432'), user: OWNER, password, database: 'postgres' }

  const start = async (): Promise<number> => {
    const binaries = await chooseBinaries(home, user)
    await initialise(home, binaries, password, user)
    return launch(home, sockets, binaries, user)
  }
  let server = (await runningServer(home)) ?? (await start())
  let holder = await hold(connection, server, home)
  for (let again = 0; holder === null && again < RESTARTS; again += 1) {
    await pause(500)
    server = await start()
    holder = await hold(connection, server, home)
  }
  if (holder === null) throw new Error(`PostgreSQL ended while it started; see ${join(home, 'postgres.log')}`)
  const held = holder
  const lastResort = () => void process.kill(server, 'SIGINT')
  process.once('exit', lastResort)

  return {
    connection,
    stop: async () => {
      process.off('exit', lastResort)
      await held.end({ timeout: 1 })
      await end(server, home)
    },
  }
}
