/**
 * The ops console: `npm run console -- --url https://… --key-file …`. A process of its own, on an origin of its own, so that it shows
 * what the server is doing also while the server can hardly answer. It listens on this machine only and holds the operator's key; the page
 * never sees it.
 */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readAlertRules } from '../../cli/alert-rules.ts'
import { findTarget } from '../../cli/target.ts'
import { listen } from '../../demo/host/listen.ts'
import { listener } from '../../demo/host/node-adapter.ts'
import { staticSite } from '../../demo/host/static-site.ts'
import { buildConsole } from './build-console.ts'
import { consoleApi } from './console-api.ts'
import { createSeries } from './series.ts'
import { createWatched, type Picture } from './watched.ts'

/** How often the server is looked at while nobody asks. */
const LOOK_EVERY_MS = 10_000
/** Several open consoles share a look this long. */
const SHARED_MS = 1_000

const { values } = parseArgs({
  options: { url: { type: 'string' }, 'key-file': { type: 'string' }, data: { type: 'string' }, port: { type: 'string' } },
})

/** Beside the demo, which says where it is once it listens. */
const told: Promise<string | null> =
  process.send === undefined
    ? Promise.resolve(null)
    : new Promise((resolve) => {
        process.once('message', (message) => resolve((message as { url?: string }).url ?? null))
      })

const start = async (): Promise<void> => {
  const io = {
    env: process.env,
    cwd: process.cwd(),
    out: (text: string) => void process.stdout.write(text),
    err: (text: string) => void process.stderr.write(text),
    fetch,
    now: () => performance.timeOrigin + performance.now(),
  }
  const port = Number(values.port ?? 5174)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--port must be a port number, not "${values.port}"`)
  const dataDir = resolve(values.data ?? process.env['MAESTRO_DATA'] ?? '.maestro')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const files = await staticSite(await buildConsole(join(dataDir, 'console')))
  const target = await findTarget(io, { url: values.url ?? (await told), keyFile: values['key-file'] ?? null, data: values.data ?? null })

  const { rules } = await readAlertRules()
  const watched = createWatched(io, target, rules)
  const series = createSeries()
  let looking: Promise<Picture> | null = null
  let looked = -SHARED_MS
  const newest = (): Promise<Picture> => {
    if (looking === null || performance.now() - looked > SHARED_MS) {
      looked = performance.now()
      looking = watched.look()
    }
    return looking
  }
  const api = consoleApi({ watched, series, newest })
  const serve = listener(
    async (request) => (await api(request)) ?? files(request),
    (line) => void process.stderr.write(`${line}\n`),
  )
  const { port: bound } = await listen(serve, port).catch((error: unknown) => {
    // Beside the demo any port is as good as the next.
    if (process.send === undefined) throw error
    return listen(serve, 0)
  })
  process.send?.({ console: `http://localhost:${bound}` })
  if (process.send === undefined) process.stdout.write(`console http://localhost:${bound}\n`)
  for (;;) {
    // A look that fails is one point less; the console that shows it stays.
    await newest().then(series.add, (error: unknown) => void process.stderr.write(`a look failed: ${String(error)}\n`))
    await sleep(LOOK_EVERY_MS)
  }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => process.exit(0))
if (process.send !== undefined) process.on('disconnect', () => process.exit(0))

start().catch((error: unknown) => {
  process.stderr.write(`The console could not start: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
