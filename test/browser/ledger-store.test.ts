import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { STORE_CASES } from '../contract/ledger-store-cases.ts'
import { startBrowser, type BrowserProcess } from '../support/browser-process.ts'
import type { StoreDriver } from './fixtures/ledger-store/page.ts'

let browser: BrowserProcess
let page: Page
let close: () => Promise<void>

beforeAll(async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'ledger-store-'))
  const root = join(import.meta.dirname, 'fixtures/ledger-store')
  await build({ root, configFile: false, logLevel: 'error', build: { outDir, emptyOutDir: true, modulePreload: false } })
  const server = createServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '')
    readFile(join(outDir, path)).then(
      (bytes) => response.writeHead(200, { 'content-type': path.endsWith('.js') ? 'text/javascript' : 'text/html' }).end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const address = server.address()
  browser = await startBrowser()
  page = await browser.visit(`http://localhost:${typeof address === 'object' && address !== null ? address.port : 0}`, { ready: false })
  await page.waitForFunction(() => 'driver' in window)
  close = async () => {
    await browser.end()
    server.closeAllConnections()
    server.close()
    await rm(outDir, { recursive: true, force: true })
  }
})

afterAll(() => close())

test.each(STORE_CASES.map(({ name }) => name))('in IndexedDB: %s', async (name) => {
  const said = await page.evaluate((each) => (window as unknown as { driver: StoreDriver }).driver.runCase(each), name)
  expect(said).toBe('held')
})
