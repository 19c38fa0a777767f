import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startStack } from '../../../supabase/local/stack.ts'
import { VERSION } from '../../protocol/version.ts'
import type { ServerKeys } from '../../server/index.ts'
import { buildSite, type Site } from './build-site.ts'
import { demoApi } from './demo-api.ts'
import { openEffectStore } from './effect-store.ts'
import { listen, portIsFree } from './listen.ts'
import type { Listening } from './listen.ts'
import { listener } from './node-adapter.ts'
import type { Handler } from './node-adapter.ts'
import { paymentReceipts } from './payment-receipts.ts'
import { readSettings } from './settings.ts'
import type { Settings } from './settings.ts'
import { startConsole, type ConsoleProcess } from './start-console.ts'
import { staticSite } from './static-site.ts'

type Stack = Awaited<ReturnType<typeof startStack>>

/** A stop that has not finished by then is cut off. */
const STOP_MS = 8_000
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

const log = (line: string): void => console.log(line)
const why = (error: unknown): string => (error instanceof Error ? error.message : String(error))

let stack: Promise<Stack> | undefined
let listening: Listening | undefined
let ops: ConsoleProcess | undefined
let stopping = false

const stop = async (code: number): Promise<void> => {
  if (stopping) return
  stopping = true
  setTimeout(() => process.exit(1), STOP_MS).unref()
  ops?.stop()
  await listening?.close()
  await stack?.then(
    (started) => started.stop(),
    () => undefined,
  )
  process.exit(code)
}

const routes = async (settings: Settings, site: Site, started: Stack): Promise<Handler> => {
  const receipts = await paymentReceipts(started.sql, async () => {
    const keys = await started.handle(new Request('http://localhost/functions/v1/maestro-sync/keys'))
    return (await keys?.json()) as ServerKeys
  })
  const api = demoApi({ store: await openEffectStore(started.sql), verify: started.verify, receipts, delayMs: settings.delayMs })
  const files = await staticSite(site.folder)
  const { html, headers } = site.unlock
  return async (request) => {
    const isUnlock = new URL(request.url).pathname === '/maestro-unlock.html' && (request.method === 'GET' || request.method === 'HEAD')
    return isUnlock ? new Response(html, { headers }) : ((await started.handle(request)) ?? (await api(request)) ?? files(request))
  }
}

const start = async (): Promise<void> => {
  const settings = readSettings(process.env, process.cwd())
  await portIsFree(settings.port)
  await mkdir(settings.dataDir, { recursive: true, mode: 0o700 })
  await chmod(settings.dataDir, 0o700)
  log('starting PostgreSQL…')
  stack = startStack({ dataDir: settings.dataDir, enabled: settings.enabled, version: VERSION, log })
  if (settings.consolePort !== null) ops = startConsole(settings.dataDir, settings.consolePort, log)
  log('building the site…')
  const [started, site] = await Promise.all([stack, buildSite(settings.dataDir, settings)])
  const handle = await routes(settings, site, started)
  if (stopping) return
  listening = await listen(listener(handle, log), settings.port)
  const url = `http://localhost:${listening.port}`
  await writeFile(join(settings.dataDir, 'url'), `${url}\n`, { mode: 0o600 })
  ops?.watch(url)
  const console = await ops?.up
  if (console) log(`console ${console}`)
  log(`ready ${url}`)
}

for (const signal of SIGNALS) process.on(signal, () => void stop(0))
if (process.send !== undefined) process.on('disconnect', () => void stop(0))

start().catch((error: unknown) => {
  if (stopping) return
  console.error(`MAESTRO could not start: ${why(error)}`)
  void stop(1)
})
