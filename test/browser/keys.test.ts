import { expect, test } from 'vitest'
import { EMAIL, newKey, PAYMENT } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { effectsOf } from '../support/effects.ts'
import { filePage } from '../support/file-browser.ts'
import { execute, settled } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
const open = filePage(() => demo().origin)

test('the same key twice gives one effect and the first result again, and says so (REQ 0-20, 1-26, 1-27, law 5)', async () => {
  const page = open.page()
  const key = newKey('twice')
  await execute(page, 'email.send', EMAIL, { key })
  const first = await settled(page, key)
  const again = await execute(page, 'email.send', EMAIL, { key })
  expect(again).toMatchObject({ key, status: 'done', idempotent: true, result: first.result })
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
  expect(open.heard().some(({ text }) => text.startsWith('[MAESTRO] Idempotent execution - returning prior result'))).toBe(true)
})

test('the same key with another order of the same parameters is the same intent', async () => {
  const page = open.page()
  const key = newKey('order')
  await execute(page, 'email.send', EMAIL, { key })
  const { to, subject, body } = EMAIL
  expect(await execute(page, 'email.send', { body, subject, to }, { key })).toMatchObject({ idempotent: true })
  await settled(page, key)
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})

test('the same key with another amount is refused, and the first intent stays as it was', async () => {
  const page = open.page()
  const key = newKey('amount')
  expect((await execute(page, 'payment.transfer', PAYMENT, { key })).status).toBe('awaiting-approval')
  expect(await execute(page, 'payment.transfer', { ...PAYMENT, amount: '9000.00' }, { key })).toMatchObject({
    key,
    status: 'refused',
    failure: { code: 'KEY_REUSED', retry: 'never' },
  })
  expect(await execute(page, 'payment.transfer', PAYMENT, { key })).toMatchObject({ status: 'awaiting-approval', idempotent: true })
  expect(await effectsOf(demo().origin, key)).toEqual([])
})

test('two tabs that ask with the same key at once cause one effect and share its result (REQ 1-23, 1-29)', async () => {
  const pages = [open.page(), await open.browser().visit(demo().origin)]
  const key = newKey('tabs')
  const answers = await Promise.all(
    pages.flatMap((page) => [execute(page, 'email.send', EMAIL, { key }), execute(page, 'email.send', EMAIL, { key })]),
  )
  expect(answers.filter(({ idempotent }) => !idempotent)).toHaveLength(1)
  const [one, other] = await Promise.all(pages.map((page) => settled(page, key)))
  expect(one).toMatchObject({ status: 'done' })
  expect(other).toEqual(one)
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})

// A lease is a minute: what the first has ended, the second is told by the ledger, and does not wait to take it over.
test('two browsers of the same person that ask with the same key cause one effect (REQ 1-34)', { timeout: 50_000 }, async () => {
  const second = await openBrowser()
  const pages = [open.page(), await second.visit(demo().origin)]
  const key = newKey('devices')
  await Promise.all(pages.map((page) => execute(page, 'email.send', EMAIL, { key })))
  const receipts = await Promise.all(pages.map((page) => settled(page, key)))
  expect(receipts.map(({ status }) => status)).toEqual(['done', 'done'])
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})

test('settled is the same receipt in another tab, after a reload and after the worker was stopped', async () => {
  const page = open.page()
  const key = newKey('settled')
  await execute(page, 'email.send', EMAIL, { key })
  const receipt = await settled(page, key)
  const other = await open.browser().visit(demo().origin)
  expect(await settled(other, key)).toEqual(receipt)
  await page.reload()
  await page.waitForFunction(() => 'maestro' in window)
  expect(await settled(page, key)).toEqual(receipt)
  await open.browser().stopWorkers()
  expect(await settled(page, key)).toEqual(receipt)
})

test('a key that was never used has no handle', async () => {
  const page = open.page()
  await expect(settled(page, newKey('never'))).rejects.toThrow('no receipt has the key')
})
