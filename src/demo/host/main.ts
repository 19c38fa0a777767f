import { chmod, mkdir } from 'node:fs/promises'
import { startStack } from '../../../supabase/local/stack.ts'
import { VERSION } from '../../protocol/version.ts'
import { buildSite } from './build-site.ts'
import { demoApi } from './demo-api.ts'
import { openEffectStore } from './effect-store.ts'
import { listen, portIsFree } from './listen.ts'
import type { Listening } from './listen.ts'
import { listener } from './node-adapter.ts'
import type { Handler } from './node-adapter.ts'
import { readSettings } from './settings.ts'
import type { Settings } from './settings.ts'
import { staticSite } from './static-site.ts'

type Stack = Awaited<ReturnType<typeof startStack>>

/** A stop that has not finished by then is cut off. */
const STOP_MS = 8_000
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

const log = (line: string): void => console.log(line)
const why = (error: unknown): string => (error instanceof Error ? error.message : String(error))

let stack: Promise<Stack> | undefined
let listening: Listening | undefined
let stopping = false

const stop = async (code: number): Promise<void> => {
  if (stopping) return
  stopping = true
  setTimeout(() => process.exit(1), STOP_MS).unref()
  await listening?.close()
  await stack?.then(
    (started) => started.stop(),
    () => undefined,
  )
  process.exit(code)
}

const routes = async (settings: Settings, site: string, started: Stack): Promise<Handler> => {
  const api = demoApi({ store: await openEffectStore(started.sql), verify: started.verify, delayMs: settings.delayMs })
  const files = await staticSite(site)
  return async (request) => (await started.handle(request)) ?? (await api(request)) ?? files(request)
}

const start = async (): Promise<void> => {
  const settings = readSettings(process.env, process.cwd())
  await portIsFree(settings.port)
  await mkdir(settings.dataDir, { recursive: true, mode: 0o700 })
  await chmod(settings.dataDir, 0o700)
  log('starting PostgreSQL…')
  stack = startStack({ dataDir: settings.dataDir, enabled: settings.enabled, version: VERSION, log })
  log('building the site…')
  const [started, site] = await Promise.all([stack, buildSite(settings.dataDir, settings.enabled)])
  const handle = await routes(settings, site, started)
  if (stopping) return
  listening = await listen(listener(handle, log), settings.port)
  log(`ready http://localhost:${listening.port}`)
}

for (const signal of SIGNALS) process.on(signal, () => void stop(0))
if (process.send !== undefined) process.on('disconnect', () => void stop(0))

start().catch((error: unknown) => {
  if (stopping) return
  console.error(`MAESTRO could not start: ${why(error)}`)
  void stop(1)
})
