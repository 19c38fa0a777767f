import { beforeEach, expect, test } from 'vitest'
import { openScene, rehash } from '../consent/scene.ts'
import { createBackEnd, openBrowser, type BackEnd, type Browser } from '../consent/site.ts'
import { ask, decide, look, snapshot, wake } from '../support/runtime-driver.ts'

const PAYMENT = { iban: 'DE89370400440532013000', amount: '250.00', currency: 'EUR', reference: 'Invoice 7' }
let backEnd: BackEnd
let browser: Browser

beforeEach(async () => {
  backEnd = await createBackEnd()
  browser = await openBrowser(backEnd)
})

const approve = async (key: string, evidence?: unknown) => {
  const receipt = await look(browser.runtime, key)
  if (!receipt) throw new Error('no receipt')
  const { id, digest } = receipt
  return browser.runtime.commands.decide({ id, digest, verdict: 'approve', evidence }, { gate: browser.runtime.gate.view() })
}

const prove = async (key: string) => browser.passkey.assert((await look(browser.runtime, key))?.digest ?? '', 'http://localhost')

test('REQ B-17: a payment approved by passkey runs once, and the back end accepts its receipt', async () => {
  await ask(browser.runtime, 'payment.transfer', PAYMENT, 'p1')
  const [approval] = (await snapshot(browser.runtime)).approvals
  expect(approval?.verify).toEqual({ passkeys: [browser.passkey.id] })
  expect(await approve('p1', await prove('p1'))).toMatchObject({ ok: true })
  await wake(browser.runtime)
  expect(backEnd.refused).toEqual([])
  expect(backEnd.ran).toEqual([{ key: 'p1', params: PAYMENT, agent: null }])
  expect(await look(browser.runtime, 'p1')).toMatchObject({ status: 'done' })
})

test('without an assertion, or with one of another passkey, the worker takes no approval', async () => {
  await ask(browser.runtime, 'payment.transfer', PAYMENT, 'p1')
  expect(await approve('p1')).toMatchObject({ ok: false, error: { code: 'VERIFICATION_NEEDED' } })
  const other = await openBrowser(backEnd)
  const digest = (await look(browser.runtime, 'p1'))?.digest ?? ''
  expect(await approve('p1', other.passkey.assert(digest, 'http://localhost'))).toMatchObject({ ok: false, error: { code: 'VERIFICATION_FAILED' } })
  await wake(browser.runtime)
  expect(backEnd.ran).toEqual([])
  expect(await look(browser.runtime, 'p1')).toMatchObject({ status: 'awaiting-approval' })
})

test('below the limit the button is enough, and the receipt says that nobody was verified', async () => {
  await ask(browser.runtime, 'payment.transfer', { ...PAYMENT, amount: '99.99' }, 'p1')
  expect((await snapshot(browser.runtime)).approvals[0]?.verify).toBeUndefined()
  await decide(browser.runtime, 'p1', 'approve')
  await wake(browser.runtime)
  expect(backEnd.ran).toHaveLength(1)
})

test('REQ B-3: approved offline with a passkey, it runs once when the network is back, in another worker', async () => {
  browser.world.online = false
  await ask(browser.runtime, 'payment.transfer', PAYMENT, 'p1')
  expect(await approve('p1', await prove('p1'))).toMatchObject({ ok: true })
  await browser.restart()
  expect(backEnd.ran).toEqual([])
  browser.world.online = true
  await wake(browser.runtime)
  await wake(browser.runtime)
  expect(backEnd.ran).toHaveLength(1)
})

test('a change of what waits for a person is a new call, and the old one is superseded', async () => {
  await ask(browser.runtime, 'payment.transfer', PAYMENT, 'old')
  const evidence = await prove('old')
  expect(await ask(browser.runtime, 'payment.transfer', { ...PAYMENT, amount: '300.00' }, 'new', { replaces: 'old' })).toMatchObject({
    status: 'awaiting-approval',
  })
  expect(await look(browser.runtime, 'old')).toMatchObject({ status: 'cancelled', failure: { code: 'SUPERSEDED' } })
  expect(await approve('old', evidence)).toMatchObject({ ok: false, error: { code: 'APPROVAL_GONE' } })
  expect(await approve('new', evidence)).toMatchObject({ ok: false, error: { code: 'VERIFICATION_FAILED' } })
  expect(await approve('new', await prove('new'))).toMatchObject({ ok: true })
  await wake(browser.runtime)
  expect(backEnd.ran).toMatchObject([{ key: 'new', params: { amount: '300.00' } }])
})

test('an agent edits nothing that waits for a person', async () => {
  await ask(browser.runtime, 'payment.transfer', PAYMENT, 'old')
  const said = await browser.runtime.commands.agent({ name: 'assistant' }, { gate: browser.runtime.gate.view() })
  const capability = said.ok ? said.value : ''
  expect(await ask(browser.runtime, 'payment.transfer', PAYMENT, 'new', { replaces: 'old', capability })).toMatchObject({
    status: 'refused',
    failure: { code: 'NOT_REPLACEABLE' },
  })
  expect(await look(browser.runtime, 'old')).toMatchObject({ status: 'awaiting-approval' })
})

test('what was made on the disk to look as if nobody had to be asked does not run, also where the back end checks nothing', async () => {
  const scene = await openScene(backEnd, 'gullible')
  const sent: string[] = []
  const gullible = () => {
    scene.browser.world.answer = ({ key }) => {
      sent.push(key)
      return { kind: 'answer', status: 200, body: { done: true } }
    }
  }
  scene.browser.world.online = false
  await scene.ask('p')
  await scene.rewrite('p', (record) => rehash({ ...record, state: 'ready', asks: false, lane: 'GREEN', approved: null }))
  gullible()
  await scene.wake()
  expect(await look(scene.browser.runtime, 'p')).toMatchObject({ status: 'refused', failure: { code: 'VERIFICATION_NEEDED' } })
  await scene.approve('q')
  await scene.wake()
  expect(sent).toEqual(['q'])
})
