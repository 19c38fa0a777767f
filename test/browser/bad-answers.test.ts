import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { EMAIL, newKey } from '../support/ask.ts'
import { effectsOf } from '../support/effects.ts'
import { eventually } from '../support/eventually.ts'
import { HTML, SERVER_ERROR, startFaultProxy } from '../support/fault-proxy.ts'
import type { Fault, FaultProxy } from '../support/fault-proxy.ts'
import { fileBrowser, filePage } from '../support/file-browser.ts'
import { execute, receiptOf, settled, statusOf } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
const fresh = fileBrowser()
const EMAIL_PATH = '/api/demo/email'
/** Claims before an effect, completions after it. */
const LEDGER_PATH = '/functions/v1/maestro-sync'

const answer = (status: number, body: string, type = 'application/json'): Fault => ({ kind: 'answer', status, type, body })

let shared: FaultProxy
beforeAll(async () => {
  shared = await startFaultProxy(Number(new URL(demo().origin).port))
})
afterAll(() => shared?.close())
/** For faults that only their own email meets. */
const open = filePage(() => shared.origin)
const emailsSince = (start: number) => shared.seen.slice(start).filter(({ path }) => path === EMAIL_PATH)

/** For faults that outlast their test: what meets them must be its own. */
const visitThroughProxy = async () => {
  const proxy = await startFaultProxy(Number(new URL(demo().origin).port))
  onTestFinished(() => proxy.close())
  const browser = fresh()
  const page = await browser.visit(proxy.origin)
  return { browser, page, proxy, from: browser.console.length }
}

const cases: readonly { readonly name: string; readonly faults: readonly Fault[] }[] = [
  { name: 'an HTML page with status 200, as a captive portal gives', faults: [HTML] },
  { name: 'an HTML page after the effect happened', faults: [{ kind: 'rewrite', status: 200, type: 'text/html', body: '<p>Welcome' }] },
  { name: 'status 500 twice', faults: [SERVER_ERROR, SERVER_ERROR] },
  { name: 'an answer lost after the effect happened', faults: [{ kind: 'answer-lost' }] },
  { name: 'a connection cut before the server', faults: [{ kind: 'refused' }, { kind: 'refused' }] },
  { name: 'half of a JSON text', faults: [answer(200, '{"id":"e')] },
  { name: 'JSON of another shape', faults: [answer(200, '{"ok":true}')] },
  { name: 'an empty body', faults: [answer(200, '')] },
  { name: 'a redirect to a sign-in page that answers 200', faults: [answer(200, '<form>', 'text/html; charset=utf-8')] },
  { name: 'too many requests', faults: [answer(429, '{"code":"SLOW_DOWN","message":"wait"}')] },
]

for (const { name, faults } of cases)
  test(`${name}: nothing is lost, and the email is sent once (law 5)`, async () => {
    const [page, start] = [open.page(), shared.seen.length]
    shared.script(EMAIL_PATH, faults)
    const key = newKey('answer')
    await execute(page, 'email.send', EMAIL, { key })
    expect(await settled(page, key)).toMatchObject({ status: 'done', result: { id: expect.anything() } })
    expect(emailsSince(start)).toHaveLength(faults.length + 1)
    expect(await effectsOf(demo().origin, key)).toHaveLength(1)
  })

test('a server that says nothing is not a lost email: when the connection dies it is asked again with the same key', async () => {
  const { page, proxy } = await visitThroughProxy()
  proxy.script(EMAIL_PATH, [{ kind: 'hang' }])
  const key = newKey('hang')
  await execute(page, 'email.send', EMAIL, { key })
  await eventually('the request hangs', () => proxy.seen.some(({ path }) => path === EMAIL_PATH))
  await proxy.down()
  await sleep(200)
  await proxy.up()
  expect((await settled(page, key)).status).toBe('done')
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})

test('a back end that refuses for good makes the receipt dead, with a code, and is not asked again (REQ 1-18)', async () => {
  const [page, start] = [open.page(), shared.seen.length]
  shared.script(EMAIL_PATH, [answer(400, '{"code":"BAD_ADDRESS","message":"no such address"}')])
  const key = newKey('rejected')
  await execute(page, 'email.send', EMAIL, { key })
  expect(await settled(page, key)).toMatchObject({ status: 'dead', failure: { code: 'EFFECT_REJECTED', retry: 'never' } })
  expect(emailsSince(start)).toHaveLength(1)
})

test('an expired session is renewed once and costs no email (law 5)', async () => {
  const page = open.page()
  shared.script(EMAIL_PATH, [answer(401, '{"code":"UNAUTHENTICATED","message":"token expired"}')])
  const key = newKey('expired-token')
  await execute(page, 'email.send', EMAIL, { key })
  expect((await settled(page, key)).status).toBe('done')
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})

for (const [name, fault] of [
  ['HTML', HTML],
  ['status 500', SERVER_ERROR],
  ['JSON of another shape', answer(200, '[]')],
] as const)
  test(`when the claim is answered with ${name} a GREEN action goes on, and the console says so (REQ 1-15, 1-17)`, async () => {
    const { browser, page, proxy, from } = await visitThroughProxy()
    proxy.script(LEDGER_PATH, [fault, fault, fault])
    const key = newKey('claim')
    await execute(page, 'email.send', EMAIL, { key })
    expect((await settled(page, key)).status).toBe('done')
    expect(await effectsOf(demo().origin, key)).toHaveLength(1)
    const line = await eventually('the warning', () =>
      browser.console.slice(from).find(({ text }) => text.startsWith('[MAESTRO] Server sync failed, proceeding with local execution')),
    )
    expect(line).toMatchObject({ type: 'warning', text: expect.stringContaining('SYNC_FAILED') })
  })

test('a completion whose answer is lost is sent again until the ledger has it (REQ 1-33)', async () => {
  const { page, proxy } = await visitThroughProxy()
  const claimed = { kind: 'pass' } as const
  proxy.script(LEDGER_PATH, [claimed, SERVER_ERROR, { kind: 'answer-lost' }, HTML])
  const key = newKey('complete')
  await execute(page, 'email.send', EMAIL, { key })
  expect((await settled(page, key)).status).toBe('done')
  await eventually('the ledger has it', async () => (await receiptOf(page, key))?.synced, 30_000)
  expect(proxy.seen.filter(({ path }) => path === LEDGER_PATH).length).toBeGreaterThanOrEqual(5)
  expect(await statusOf(page, key)).toBe('done')
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})
