import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** First starts may unpack a database; ours have three minutes. */
const READY_MS = 180_000
/** A clean stop flushes PostgreSQL; beyond this it is killed. */
const STOP_MS = 10_000

export type Environment = Readonly<Record<string, string>>

/** One running `npm start`, on its own port and data folder. */
export type Demo = {
  readonly origin: string
  readonly port: number
  readonly data: string
  /** Everything the process printed, for messages of failed tests. */
  output(): string
  /** SIGTERM, then SIGKILL; keeps port and data, so `restart` continues where this ended. */
  stop(): Promise<void>
  /** Stops if needed and starts again on the same port and data with this environment. */
  restart(environment?: Environment): Promise<void>
  /** The bearer that flips the remote flag. */
  adminToken(): Promise<string>
  /** Stops and removes the data folder. */
  remove(): Promise<void>
}

const ready = (child: ChildProcess, output: () => string): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the demo was not ready within ${READY_MS} ms\n${output()}`)), READY_MS)
    const look = () => {
      if (!/^ready http:\/\/localhost:\d+/m.test(output())) return
      clearTimeout(timer)
      resolve()
    }
    child.stdout?.on('data', look)
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      reject(new Error(`the demo ended early (${code ?? signal})\n${output()}`))
    })
  })

/** The data folder, and the cluster that `npm start` keeps elsewhere when PostgreSQL's user cannot enter it. */
const removeData = async (data: string): Promise<void> => {
  const elsewhere = (await readFile(join(data, 'postgres-home'), 'utf8').catch(() => '')).trim()
  if (elsewhere.startsWith('/var/tmp/maestro-')) await rm(elsewhere, { recursive: true, force: true })
  await rm(data, { recursive: true, force: true })
}

export const startDemo = async (environment: Environment = {}): Promise<Demo> => {
  const port = await freePort()
  const data = await mkdtemp(join(tmpdir(), 'maestro-demo-'))
  let child: ChildProcess | undefined
  let printed = ''
  const output = () => printed

  const start = async (overrides: Environment) => {
    printed = ''
    const { VITE_MAESTRO_ENABLED: _, ...inherited } = process.env
    child = spawn(process.execPath, ['src/demo/host/start.mjs'], {
      cwd: ROOT,
      // The console is a process of its own; the tests that look at it ask for it.
      env: { ...inherited, PORT: String(port), MAESTRO_DATA: data, MAESTRO_CONSOLE_PORT: 'off', ...overrides },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    await ready(child, output)
  }

  const stop = async () => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const gone = once(running, 'exit')
    running.kill('SIGTERM')
    if ((await Promise.race([gone, sleep(STOP_MS, 'late' as const)])) === 'late') {
      running.kill('SIGKILL')
      await gone
    }
  }

  try {
    await start(environment)
  } catch (error) {
    await stop()
    await removeData(data)
    throw error
  }
  return {
    origin: `http://localhost:${port}`,
    port,
    data,
    output,
    stop,
    restart: async (overrides = {}) => {
      await stop()
      await start(overrides)
    },
    adminToken: async () => (await readFile(join(data, 'admin.token'), 'utf8')).trim(),
    remove: async () => {
      await stop()
      await removeData(data)
    },
  }
}
