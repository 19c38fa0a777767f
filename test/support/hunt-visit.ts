import type { Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { openBrowser } from './browser.ts'
import type { TestBrowser } from './browser.ts'
import { startFarEnd } from './hunt-far-end.ts'
import type { FarEnd } from './hunt-far-end.ts'
import { huntSite } from './hunt-site.ts'
import type { WorkerBuild } from './hunt-site.ts'

export type Hunted = { readonly farEnd: FarEnd; readonly browser: TestBrowser; readonly page: Page }

export type Visit = {
  readonly build?: WorkerBuild
  /** Where the app is opened; a browser of the test's own when absent. */
  readonly browser?: TestBrowser
}

/** A far end of the test's own, which is an origin of its own, with the hunted app open as `demo`. */
export const visitHunted = async ({ build = 'worker', browser: given }: Visit = {}): Promise<Hunted> => {
  const farEnd = await startFarEnd(await huntSite(build))
  onTestFinished(() => farEnd.close())
  const browser = given ?? (await openBrowser())
  return { farEnd, browser, page: await browser.visit(farEnd.origin, { path: '/?user=demo' }) }
}
