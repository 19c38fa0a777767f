import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { startBrowser } from './browser-process.ts'
import type { BrowserProcess, ConsoleLine, TestBrowser } from './browser-process.ts'

const START_MS = 60_000

const started = (): (() => BrowserProcess) => {
  let browser: BrowserProcess | undefined
  beforeAll(async () => {
    browser = await startBrowser()
  }, START_MS)
  afterAll(() => browser?.end(), START_MS)
  return () => {
    if (browser === undefined) throw new Error('the browser is used before it has started')
    return browser
  }
}

/**
 * One browser with one profile for all tests of a file, for tests that each have an origin of their own: nothing of one is there for the next. Every
 * tab ends with its test. Call it at the top of the file.
 */
export const fileBrowser = (): (() => TestBrowser) => {
  const browser = started()
  afterEach(async () => {
    await browser().offline(false)
    // The first one is empty: a browser without any would end.
    const [, ...tabs] = browser().context().pages()
    await Promise.all(tabs.map((tab) => tab.close()))
  }, START_MS)
  return browser
}

export type FilePage = {
  readonly browser: () => TestBrowser
  readonly page: () => Page
  /** Console lines and uncaught errors of all pages, of this test only. */
  readonly heard: () => readonly ConsoleLine[]
}

/** One browser with one open page for all tests of a file: its person goes on from test to test, and asks with a key of its own each time. */
export const filePage = (origin: () => string): FilePage => {
  const browser = started()
  let page: Page | undefined
  let before = 0
  beforeAll(async () => {
    page = await browser().visit(origin())
  }, START_MS)
  beforeEach(() => {
    before = browser().console.length
  })
  return {
    browser,
    page: () => {
      if (page === undefined) throw new Error('the page is used before it is open')
      return page
    },
    heard: () => browser().console.slice(before),
  }
}
