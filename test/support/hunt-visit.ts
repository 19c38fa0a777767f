import type { Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { openBrowser } from './browser.ts'
import type { TestBrowser } from './browser.ts'
import { startFarEnd } from './hunt-far-end.ts'
import type { FarEnd } from './hunt-far-end.ts'
import { huntSite } from './hunt-site.ts'
import type { WorkerBuild } from './hunt-site.ts'

export type Hunted = { readonly farEnd: FarEnd; readonly browser: TestBrowser; readonly page: Page }

/** A far end and a browser of the test's own, with the hunted app open as `demo`. */
export const visitHunted = async (build: WorkerBuild = 'worker'): Promise<Hunted> => {
  const farEnd = await startFarEnd(await huntSite(build))
  onTestFinished(() => farEnd.close())
  const browser = await openBrowser()
  return { farEnd, browser, page: await browser.visit(farEnd.origin, { path: '/?user=demo' }) }
}
