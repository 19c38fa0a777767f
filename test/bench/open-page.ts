import type { BrowserContext, Page } from 'playwright-core'

const READY_MS = 30_000

/** Opens a side's page and waits until its script has published `name`. Errors in the page end the wait at once. */
export const openPage = async (context: BrowserContext, url: string, name: string): Promise<Page> => {
  const page = await context.newPage()
  const broken = new Promise<never>((_, reject) => {
    page.once('pageerror', (error) => reject(new Error(`${url}: ${error.message}`)))
  })
  broken.catch(() => undefined)
  await page.goto(url)
  await Promise.race([page.waitForFunction(`${JSON.stringify(name)} in globalThis`, undefined, { timeout: READY_MS }), broken])
  return page
}
