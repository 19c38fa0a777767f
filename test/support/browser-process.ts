import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import type { BrowserContext, Page, Worker } from 'playwright-core'
import { CHROMIUM_ARGS } from './chromium-args.ts'
import { eventually } from './eventually.ts'

const EXECUTABLE = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
/** `context.setOffline` can wait for ever for a worker that was stopped; the emulation itself is set long before. */
const OFFLINE_MS = 3_000

export type VisitOptions = {
  /** Path and query below the origin. */
  readonly path?: string
  /** Runs in the page before any of its scripts. */
  readonly before?: string
  /** Waits for `window.maestro` unless false. */
  readonly ready?: boolean
}

export type ConsoleLine = { readonly type: string; readonly text: string }

/** A real Chromium with a profile of its own on disk. */
export type TestBrowser = {
  readonly profile: string
  /** The context of the present run; another one after `crash` and `reopen`. */
  context(): BrowserContext
  /** Console lines and uncaught errors of all pages so far. */
  readonly console: readonly ConsoleLine[]
  visit(origin: string, options?: VisitOptions): Promise<Page>
  /** Resolves when the service workers know it too: one that does not yet tries to send. */
  offline(yes: boolean): Promise<void>
  /** Closes every page of the app and leaves an empty one, so that the browser itself lives. */
  closePages(): Promise<void>
  /** Stops every service worker, as the browser does when memory is short. */
  stopWorkers(): Promise<void>
  /** Lets the browser fire the origin's Background Sync event of this tag now. */
  fireSync(origin: string, tag: string): Promise<void>
  /** SIGKILL for the whole browser: nothing is flushed. */
  crash(): Promise<void>
  /**
   * A clean end; the profile stays. Pages that close take what `offline` said with them: a worker of their process is online for its last
   * moment. A test that needs the disk as it is now has `crash`.
   */
  quit(): Promise<void>
  /** The same profile again. */
  reopen(): Promise<void>
}

/** A browser whose starter ends it. */
export type BrowserProcess = TestBrowser & {
  /** Ends every process of it and removes its profile. */
  end(): Promise<void>
}

/** Process ids whose command line names this profile: only ours can, the name is random. */
const processesOf = (profile: string): number[] =>
  execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`--user-data-dir=${profile}`))
    .map((line) => Number.parseInt(line, 10))

const launch = (profile: string) =>
  chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    args: [...CHROMIUM_ARGS],
    headless: true,
    viewport: { width: 1280, height: 900 },
  })

/** Starts a browser with an empty profile, or with a copy of one that is closed. Whoever starts it calls `end`; tests use `openBrowser`, which does that by itself. */
export const startBrowser = async (copyOf?: string): Promise<BrowserProcess> => {
  const profile = await mkdtemp(join(tmpdir(), 'maestro-profile-'))
  if (copyOf !== undefined) await cp(copyOf, profile, { recursive: true, filter: (path) => !basename(path).startsWith('Singleton') })
  const lines: ConsoleLine[] = []
  let context = await launch(profile)

  const listen = (opened: BrowserContext) => {
    const hear = (page: Page) => {
      page.on('console', (message) => lines.push({ type: message.type(), text: message.text() }))
      page.on('pageerror', (error) => lines.push({ type: 'pageerror', text: error.message }))
    }
    opened.pages().forEach(hear)
    opened.on('page', hear)
  }
  listen(context)

  const quit = () => context.close().catch(() => undefined)

  const overServiceWorkers = async (
    use: (send: (method: string, params?: object) => Promise<unknown>, registrations: Map<string, string>) => Promise<void>,
  ) => {
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    const registrations = new Map<string, string>()
    cdp.on('ServiceWorker.workerRegistrationUpdated', (event) => {
      for (const { scopeURL, registrationId, isDeleted } of event.registrations) if (!isDeleted) registrations.set(scopeURL, registrationId)
    })
    try {
      await cdp.send('ServiceWorker.enable')
      await use((method, params) => cdp.send(method as 'ServiceWorker.enable', params as undefined), registrations)
    } finally {
      await page.close()
    }
  }

  return {
    profile,
    console: lines,
    context: () => context,
    visit: async (origin, { path = '/', before, ready = true } = {}) => {
      const page = await context.newPage()
      if (before !== undefined) await page.addInitScript(before)
      await page.goto(`${origin}${path}`)
      if (ready) await page.waitForFunction(() => 'maestro' in window, undefined, { timeout: 30_000 })
      return page
    },
    offline: async (yes) => {
      await Promise.race([context.setOffline(yes), sleep(OFFLINE_MS)])
      await eventually('the service workers know whether they are offline', async () => {
        const known = await Promise.all(context.serviceWorkers().map(isOnline))
        return !known.includes(yes)
      })
    },
    closePages: async () => {
      const old = context.pages()
      await context.newPage()
      await Promise.all(old.map((page) => page.close()))
    },
    stopWorkers: () => overServiceWorkers(async (send) => void (await send('ServiceWorker.stopAllWorkers'))),
    fireSync: (origin, tag) =>
      overServiceWorkers(async (send, registrations) => {
        const registrationId = await eventually('a service worker is registered', () => registrations.get(`${origin}/`), 5_000)
        await send('ServiceWorker.dispatchSyncEvent', { origin, registrationId, tag, lastChance: false })
      }),
    crash: async () => {
      for (const pid of processesOf(profile)) kill(pid)
      await eventually('the browser is gone', () => processesOf(profile).length === 0, 10_000)
      await Promise.race([quit(), sleep(1_000)])
    },
    quit: async () => void (await quit()),
    reopen: async () => {
      context = await launch(profile)
      listen(context)
    },
    end: async () => {
      await Promise.race([quit(), sleep(5_000)])
      for (const pid of processesOf(profile)) kill(pid)
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

/** `null`: it is gone, or was stopped and does not answer; a next one starts with what the browser was told. */
const isOnline = (worker: Worker): Promise<boolean | null> =>
  Promise.race([worker.evaluate(() => navigator.onLine).catch(() => null), sleep(OFFLINE_MS, null)])

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
