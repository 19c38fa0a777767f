import { onTestFinished } from 'vitest'
import { startBrowser } from './browser-process.ts'
import type { TestBrowser } from './browser-process.ts'

export type { TestBrowser } from './browser-process.ts'

/** Ends by itself with the test that opened it, and removes its profile then. `copyOf` is a closed browser's profile. */
export const openBrowser = async (copyOf?: string): Promise<TestBrowser> => {
  const browser = await startBrowser(copyOf)
  onTestFinished(() => browser.end())
  return browser
}
