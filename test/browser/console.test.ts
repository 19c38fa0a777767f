/** The ops console, on its own origin, beside a server that is first well and then gone. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CHROMIUM_ARGS } from '../support/chromium-args.ts'
import { startDemo, type Demo } from '../support/start-demo.ts'
import { violationsOf } from '../support/violations.ts'

let demo: Demo
let watching: ChildProcess
let origin = ''
let browser: Browser

beforeAll(async () => {
  demo = await startDemo({ MAESTRO_CONSOLE_PORT: '0' })
  // Another one that does not end with the demo, as an operator on another machine has it.
  watching = fork('src/pages/host/main.ts', ['--url', demo.origin, '--data', demo.data, '--port', '0'], {
    execArgv: ['--import', 'tsx'],
    silent: true,
  })
  watching.send({ url: null })
  const [message] = (await once(watching, 'message')) as [{ console: string }]
  origin = message.console
  browser = await chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args: [...CHROMIUM_ARGS] })
})

afterAll(async () => {
  await browser?.close()
  watching?.kill('SIGKILL')
  await demo?.remove()
})

const open = async (width = 1280, colorScheme: 'dark' | 'light' = 'dark'): Promise<Page> => {
  const page = await (await browser.newContext({ viewport: { width, height: 900 }, colorScheme })).newPage()
  page.setDefaultTimeout(15_000)
  await page.goto(origin)
  await page.locator('.verdict').waitFor()
  return page
}

const verdict = (page: Page): Promise<string> => page.locator('.verdict').innerText()

test('npm start says where the console is, on an origin of its own', async () => {
  await expect.poll(() => demo.output(), { timeout: 30_000 }).toMatch(/^console http:\/\/localhost:\d+$/m)
  const address = /^console (.+)$/m.exec(demo.output())?.[1] ?? ''
  expect(new URL(address).origin).not.toBe(demo.origin)
  expect((await fetch(address)).status).toBe(200)
})

test('it says at a glance that all is well, without a violation, in both colours and on a phone', async () => {
  for (const [width, scheme] of [
    [1280, 'dark'],
    [320, 'light'],
  ] as const) {
    const page = await open(width, scheme)
    await expect.poll(() => verdict(page)).toContain('Running')
    await page.locator('.chart').first().waitFor()
    expect(await violationsOf(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0)
    await page.context().close()
  }
})

test('another origin cannot make it do anything, and no page of its own can resume', async () => {
  const stop = (headers: Record<string, string>, body: unknown) =>
    fetch(`${origin}/api/stop`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })
  const asked = { action: 'kill', reason: 'a forged stop', confirm: 'STOP' }
  expect((await stop({ origin: demo.origin }, asked)).status).toBe(403)
  expect((await stop({ origin, 'sec-fetch-site': 'cross-site' }, asked)).status).toBe(403)
  expect((await stop({ origin }, { ...asked, action: 'run' })).status).toBe(400)
  expect((await stop({ origin }, { ...asked, confirm: 'stop' })).status).toBe(400)
  expect(((await (await fetch(`${demo.origin}/functions/v1/maestro-flag`)).json()) as { action: string }).action).toBe('run')
})

test('by keyboard alone: a reason, STOP, and the document is in force; the audit chain is verified beside it', async () => {
  const page = await open()
  await page.keyboard.press('s')
  await page.keyboard.type('a drill of the night shift')
  await page.keyboard.press('Tab')
  await page.keyboard.type('STOP')
  await page.keyboard.press('Enter')
  await expect.poll(() => verdict(page), { timeout: 10_000 }).toContain('Stopped by document 2')
  const flag = (await (await fetch(`${demo.origin}/functions/v1/maestro-flag`)).json()) as { action: string; reason: string }
  expect(flag).toMatchObject({ action: 'kill', reason: 'a drill of the night shift' })
  await page.keyboard.press('Escape')
  await page.locator('h1').click()
  await page.keyboard.press('a')
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Audit')
  await page.context().close()
})

test('when the server is gone it says so, keeps what it drew, and goes on when the server is back', async () => {
  const page = await open()
  await demo.stop()
  await expect.poll(() => verdict(page), { timeout: 15_000 }).toContain('does not answer')
  expect(await page.locator('.chart').count()).toBeGreaterThan(5)
  expect(await page.getByRole('button', { name: 'Stop', exact: true }).isEnabled()).toBe(true)
  await demo.restart()
  await expect.poll(() => verdict(page), { timeout: 15_000 }).toContain('Stopped by document 2')
  await page.context().close()
})
