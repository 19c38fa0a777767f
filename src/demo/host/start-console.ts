import { fork } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'pages', 'host', 'main.ts')
/** A console that is not there by then is told of when it comes; the site does not wait for it any longer. */
const WAIT_MS = 10_000

export type ConsoleProcess = {
  /** Its address, or null while it is not up. */
  readonly up: Promise<string | null>
  /** Tells it which server to watch. */
  watch(url: string): void
  stop(): void
}

/**
 * Starts the ops console as a process of its own, on an origin of its own. A console that fails says so and leaves the site alone. Beside the
 * demo it ends with it; one that outlives what it watches is started by itself (`npm run console`).
 */
export const startConsole = (dataDir: string, port: number, log: (line: string) => void): ConsoleProcess => {
  const child = fork(MAIN, ['--data', dataDir, '--port', String(port)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  let isLate = false
  const up = new Promise<string | null>((resolve) => {
    const timer = setTimeout(() => {
      isLate = true
      resolve(null)
    }, WAIT_MS)
    const end = (address: string | null): void => {
      clearTimeout(timer)
      if (isLate && address !== null) log(`console ${address}`)
      resolve(address)
    }
    child.once('message', (message) => end((message as { console?: string }).console ?? null))
    child.once('exit', () => end(null))
    child.once('error', () => end(null))
  })
  return { up, watch: (url) => void (child.connected && child.send({ url })), stop: () => void child.kill() }
}
