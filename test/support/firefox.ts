import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from './eventually.ts'
import type { Evaluating } from './in-page.ts'
import { connectMarionette } from './marionette.ts'
import type { Marionette } from './marionette.ts'

export type FirefoxPage = Evaluating & {
  /** A person's press on a button of the approvals dialog, once it is enabled. */
  decide(verdict: 'Approve' | 'Deny'): Promise<void>
  close(): Promise<void>
}

/** A real Firefox with a profile of its own on disk. */
export type Firefox = {
  /** A tab of its own; waits for `window.maestro`. */
  visit(origin: string): Promise<FirefoxPage>
  /** As the browser's own switch: no request leaves, and pages and workers are told. */
  offline(yes: boolean): Promise<void>
  /** Stops every service worker, as the browser does when memory is short. */
  stopWorkers(): Promise<void>
  /** SIGKILL for the whole browser: nothing is flushed. */
  crash(): Promise<void>
  /** The same profile again. */
  reopen(): Promise<void>
  /** Ends every process of it and removes its profile. */
  end(): Promise<void>
}

const START_MS = 60_000
const SCRIPT_MS = 120_000
const QUIT_MS = 5_000

const PREFERENCES = {
  'marionette.port': 0, // a free one, which it writes into the profile
  'network.disable-localhost-when-offline': true,
  'toolkit.startup.max_resumed_crashes': -1, // no safe mode after a SIGKILL
  'browser.sessionstore.resume_from_crash': false,
  'app.normandy.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
}

/** A function goes as its text; what comes back is carried as JSON, so that what is undefined stays away. A compiler may have named functions by `__name`. */
const IN_PAGE = (body: string): string => `
  const __name = (named) => named
  return Promise.resolve((${body})(JSON.parse(arguments[0]))).then((value) => JSON.stringify(value))`

const STOP_WORKERS = `
  const all = Cc['@mozilla.org/serviceworkers/manager;1'].getService(Ci.nsIServiceWorkerManager).getAllRegistrations()
  const workers = Array.from({ length: all.length }, (_, i) => all.queryElementAt(i, Ci.nsIServiceWorkerRegistrationInfo).activeWorker)
  return Promise.all(workers.map((worker) => worker?.terminateWorker())).then(() => undefined)`

/** Firefox starts processes of its own: all of them are one group. */
const killGroup = ({ pid }: ChildProcess): void => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const launch = async (executable: string, profile: string) => {
  const portFile = join(profile, 'MarionetteActivePort')
  await rm(portFile, { force: true })
  const args = ['--headless', '--no-remote', '--marionette', '--remote-allow-system-access', '--profile', profile]
  const child = spawn(executable, args, { stdio: 'ignore', detached: true })
  const gone = once(child, 'exit')
  const onExit = () => killGroup(child)
  process.once('exit', onExit)
  const end = async (): Promise<void> => {
    killGroup(child)
    if (child.exitCode === null && child.signalCode === null) await gone
    process.off('exit', onExit)
  }
  try {
    const port = await eventually('Firefox takes commands', async () => Number(await readFile(portFile, 'utf8')), START_MS)
    const marionette = await connectMarionette(port)
    await marionette.send('WebDriver:NewSession', { capabilities: { alwaysMatch: { timeouts: { script: SCRIPT_MS } } } })
    return { marionette, gone, end }
  } catch (error) {
    await end()
    throw error
  }
}

const pageOf = (marionette: Marionette, handle: string): FirefoxPage => {
  const inTab = async <T>(name: string, params: object = {}): Promise<T> => {
    const [, answer] = await Promise.all([marionette.send('WebDriver:SwitchToWindow', { handle }), marionette.send<T>(name, params)])
    return answer
  }
  const evaluate = async (body: unknown, arg: unknown = null): Promise<unknown> => {
    const { value } = await inTab<{ value: string | null }>('WebDriver:ExecuteScript', { script: IN_PAGE(String(body)), args: [JSON.stringify(arg)] })
    return value === null ? undefined : JSON.parse(value)
  }
  return {
    evaluate: evaluate as Evaluating['evaluate'],
    async decide(verdict) {
      const script = `
        const buttons = document.querySelector('maestro-approvals')?.shadowRoot.querySelectorAll('button') ?? []
        return [...buttons].find(({ textContent, disabled }) => textContent === '${verdict}' && !disabled)`
      const button = await eventually(`${verdict} is enabled`, async () => {
        const { value } = await inTab<{ value: Readonly<Record<string, string>> | null }>('WebDriver:ExecuteScript', { script, args: [] })
        return Object.values(value ?? {})[0]
      })
      await inTab('WebDriver:ElementClick', { id: button })
    },
    close: async () => void (await inTab('WebDriver:CloseWindow')),
  }
}

/** Starts a Firefox with an empty profile. Whoever starts it calls `end`. */
export const startFirefox = async (executable: string): Promise<Firefox> => {
  const profile = await mkdtemp(join(tmpdir(), 'maestro-firefox-'))
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
  await writeFile(join(profile, 'user.js'), lines.join(''))
  const removeProfile = () => rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  let running = await launch(executable, profile).catch(async (error: unknown) => {
    await removeProfile()
    throw error
  })

  const inBrowser = async (script: string): Promise<void> => {
    const { send } = running.marionette
    await Promise.all([
      send('Marionette:SetContext', { value: 'chrome' }),
      send('WebDriver:ExecuteScript', { script, args: [] }),
      send('Marionette:SetContext', { value: 'content' }),
    ])
  }
  const crash = async (): Promise<void> => {
    await running.end()
    running.marionette.close()
  }

  return {
    async visit(origin) {
      const { handle } = await running.marionette.send<{ handle: string }>('WebDriver:NewWindow', { type: 'tab', focus: true })
      const page = pageOf(running.marionette, handle)
      await Promise.all([
        running.marionette.send('WebDriver:SwitchToWindow', { handle }),
        running.marionette.send('WebDriver:Navigate', { url: `${origin}/` }),
      ])
      await eventually('the page has MAESTRO', () => page.evaluate(() => 'maestro' in window), 30_000)
      return page
    },
    offline: (yes) => inBrowser(`Services.io.offline = ${yes}`),
    stopWorkers: () => inBrowser(STOP_WORKERS),
    crash,
    async reopen() {
      running = await launch(executable, profile)
    },
    async end() {
      const quit = running.marionette.send('Marionette:Quit', { flags: ['eForceQuit'] }).catch(() => undefined)
      await Promise.race([quit.then(() => running.gone), sleep(QUIT_MS)])
      await crash()
      await removeProfile()
    },
  }
}
