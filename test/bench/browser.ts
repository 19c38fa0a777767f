import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type BrowserContext } from 'playwright-core'
import { CHROMIUM_ARGS } from '../support/chromium-args.ts'

const EXECUTABLE = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const CLOSE_MS = 10_000
const GONE_MS = 10_000

/** A Chromium with a profile on disk: an incognito context keeps IndexedDB in memory, where nothing is durable. */
export type BenchBrowser = {
  readonly context: BrowserContext
  /** SIGKILL for the whole browser: nothing is flushed. */
  crash(): Promise<void>
  /** The same profile again, after a crash. */
  reopen(): Promise<BrowserContext>
}

/** Process ids whose command line names this profile: only ours can, the name is random. */
const processesOf = (profile: string): readonly number[] =>
  execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`--user-data-dir=${profile}`))
    .map((line) => Number.parseInt(line, 10))

const killAll = (profile: string): void => {
  for (const pid of processesOf(profile)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

const profiles = new Set<string>()

/** Ends every browser of this run at once, profiles and all: for a run that is broken off. */
export const killBrowsers = (): void => {
  for (const profile of profiles) {
    killAll(profile)
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

/** Opens a browser for the length of `work`; nothing of it is left, however `work` ends. */
export const withBrowser = async <T>(work: (context: BrowserContext, browser: BenchBrowser) => Promise<T>): Promise<T> => {
  const profile = await mkdtemp(join(tmpdir(), 'maestro-bench-'))
  profiles.add(profile)
  const launch = (): Promise<BrowserContext> =>
    chromium.launchPersistentContext(profile, {
      executablePath: EXECUTABLE,
      args: [...CHROMIUM_ARGS],
      headless: true,
      viewport: { width: 1280, height: 900 },
    })
  let context = await launch()
  const browser: BenchBrowser = {
    get context() {
      return context
    },
    async crash() {
      killAll(profile)
      for (let waited = 0; processesOf(profile).length > 0 && waited < GONE_MS; waited += 20) await sleep(20)
      await Promise.race([context.close().catch(() => undefined), sleep(1_000)])
    },
    async reopen() {
      context = await launch()
      return context
    },
  }
  try {
    return await work(context, browser)
  } finally {
    await Promise.race([context.close().catch(() => undefined), sleep(CLOSE_MS)])
    killAll(profile)
    profiles.delete(profile)
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
