// The way in of `npm start`. Plain JavaScript and Node's own modules only: it runs before anything is installed.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInstalled } from './installed.mjs'

const HERE = dirname(fileURLToPath(import.meta.url))
const ROOT = dirname(dirname(dirname(HERE)))
/** How soon a stopped npm is noticed, ms. */
const PARENT_POLL_MS = 200
const SIGNALS = /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`MAESTRO needs Node 20.19 or newer; this is Node ${process.versions.node}.`)
  process.exit(1)
}

/**
 * npm hands SIGTERM to the shell it started us with, and that shell dies without telling us: under npm, a parent that is gone
 * means stop. Started without npm, a parent may leave (nohup).
 */
function watchParent(gone) {
  const parent = process.ppid
  if (process.env.npm_lifecycle_event !== 'start') return
  setInterval(() => process.ppid !== parent && gone(), PARENT_POLL_MS).unref()
}

let stopping = false
/** @type {import('node:child_process').ChildProcess | undefined} */
let running
const stop = (signal) => {
  stopping = true
  running?.kill(signal)
}
for (const signal of SIGNALS) process.on(signal, stop)
watchParent(() => stop('SIGTERM'))

/**
 * Runs a program with our terminal and resolves with its exit code; our signals go on to it. A program that one of them
 * ends before it could listen for it was stopped as asked: 0.
 */
function run(command, args, options) {
  return new Promise((resolve) => {
    running = spawn(command, args, options)
    running.once('error', (error) => {
      console.error(`could not start ${command}: ${error.message}`)
      resolve(1)
    })
    running.once('exit', (code, signal) => resolve(code ?? (stopping ? 0 : 128 + (constants.signals[signal] ?? 0))))
  })
}

if (!isInstalled(ROOT)) {
  console.log('installing dependencies (npm ci)…')
  const args = ['ci', '--no-audit', '--no-fund', '--include=dev']
  const npm = process.env.npm_execpath
  const viaNode = npm !== undefined && /\.[cm]?js$/.test(npm)
  const code = viaNode
    ? await run(process.execPath, [npm, ...args], { cwd: ROOT, stdio: 'inherit' })
    : await run('npm', args, { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' })
  if (stopping) process.exit(0)
  if (code !== 0) {
    console.error('npm ci did not succeed; see its messages above. A network is needed once, to install.')
    process.exit(code)
  }
}

// The channel lets the host see that this process is gone, however it went.
const env = { ...process.env, VITE_MAESTRO_ENABLED: process.env.VITE_MAESTRO_ENABLED ?? 'true' }
const tsx = import.meta.resolve('tsx')
process.exit(await run(process.execPath, ['--import', tsx, join(HERE, 'main.ts')], { env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }))
