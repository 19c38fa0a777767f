import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { newKey, PAYMENT } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { decide } from '../support/dialog.ts'
import { effectsOf } from '../support/effects.ts'
import { execute, settled, snapshotOf, statusOf } from '../support/in-page.ts'
import type { MaestroWindow } from '../support/in-page.ts'
import { tryEverything } from '../support/script-in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'
import { addAuthenticator } from '../support/virtual-authenticator.ts'

const demo = sharedDemo()
const LARGE = { ...PAYMENT, amount: '100.00' }
const LOGIN = { email: 'demo@example.com', password: 'demo' }

const signIn = async (): Promise<string> => {
  const answer = await fetch(`${demo().origin}/auth/v1/token?grant_type=password`, { method: 'POST', body: JSON.stringify(LOGIN) })
  return ((await answer.json()) as { access_token: string }).access_token
}

const offer = (page: Page) => page.getByRole('dialog', { name: 'Set up a passkey' })

const setUp = async (page: Page, password: string): Promise<void> => {
  await offer(page).getByLabel('E-mail').fill(LOGIN.email)
  await offer(page).getByLabel('Password').fill(password)
  await offer(page).getByRole('button', { name: 'Set up a passkey' }).click()
}

test('a payment from 100.00 asks for a passkey, offers to set one up, and is made once with it', { timeout: 120_000 }, async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const authenticator = await addAuthenticator(page)
  const first = newKey('passkey')
  await execute(page, 'payment.transfer', LARGE, { key: first })
  await decide(page, 'Approve')
  await setUp(page, 'wrong')
  await expect.poll(() => offer(page).getByRole('alert').innerText(), { timeout: 10_000 }).toContain('not the right password')
  expect(await statusOf(page, first)).toBe('awaiting-approval')
  await setUp(page, LOGIN.password)
  expect((await settled(page, first)).status).toBe('done')
  expect((await effectsOf(demo().origin, first)).map(({ params }) => params)).toEqual([LARGE])

  const second = newKey('passkey')
  await execute(page, 'payment.transfer', LARGE, { key: second })
  await authenticator.verifies(false)
  await decide(page, 'Approve')
  await offer(page).getByRole('button', { name: 'Not now' }).click()
  expect(await statusOf(page, second)).toBe('awaiting-approval')
  await authenticator.verifies(true)
  await decide(page, 'Approve')
  expect((await settled(page, second)).status).toBe('done')
  expect(await effectsOf(demo().origin, second)).toHaveLength(1)

  // Offline: the worker verifies by what it kept.
  const third = newKey('passkey')
  await browser.offline(true)
  await execute(page, 'payment.transfer', LARGE, { key: third })
  await decide(page, 'Approve')
  await expect.poll(() => statusOf(page, third), { timeout: 10_000 }).toBe('queued')
  expect(await effectsOf(demo().origin, third)).toEqual([])
  await browser.offline(false)
  expect((await settled(page, third)).status).toBe('done')
  expect(await effectsOf(demo().origin, third)).toHaveLength(1)
})

test('RED without an assertion is refused by the worker and by the server (REQ B-2, B-17)', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const key = newKey('no-passkey')
  await execute(page, 'payment.transfer', LARGE, { key })
  const approval = (await snapshotOf(page))?.approvals.find((one) => one.key === key)
  if (approval === undefined) throw new Error('nothing asks')
  expect(approval.verify).toBeDefined()
  const junk = { credential: 'AAAA', authenticatorData: 'AAAA', clientDataJSON: 'AAAA', signature: 'AAAA' }
  const said = await page.evaluate(
    async ({ id, digest, junk }) => {
      const { maestro } = window as unknown as MaestroWindow
      const codes: (string | undefined)[] = []
      for (const evidence of [undefined, null, true, {}, junk, [junk]])
        codes.push((await maestro.decide({ id, digest, verdict: 'approve', ...(evidence === undefined ? {} : { evidence }) }))?.code)
      return codes
    },
    { id: approval.id, digest: approval.digest, junk },
  )
  expect(said).toEqual(['VERIFICATION_NEEDED', 'VERIFICATION_NEEDED', ...Array.from({ length: 4 }, () => 'VERIFICATION_FAILED')])
  const token = await signIn()
  const pay = async (receipt?: string) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': encodeURIComponent(key),
      ...(receipt === undefined ? {} : { 'maestro-receipt': receipt }),
    }
    const answer = await fetch(`${demo().origin}/api/demo/payments`, { method: 'POST', headers, body: JSON.stringify(LARGE) })
    return [answer.status, ((await answer.json()) as { code: string }).code]
  }
  expect(await pay()).toEqual([403, 'RECEIPT_MISSING'])
  expect(await pay('a.b.c')).toEqual([403, 'RECEIPT_MALFORMED'])
  expect(await effectsOf(demo().origin, key)).toEqual([])
})

test('a script in the page, with a stolen token and the keys of the device, gets no payment from 100.00 on through', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const key = newKey('script')
  const told = await page.evaluate(tryEverything, { key, token: await signIn(), params: LARGE })
  const said = (what: string) => JSON.parse(told[what] ?? 'null') as unknown
  for (const proof of ['nothing', 'guess', 'itself', 'token']) {
    expect([proof, said(`enrol with ${proof}`)]).toEqual([proof, 'AUTH_FAILED'])
    expect([proof, said(`enrol with ${proof}, past the worker`)]).toEqual([proof, 'PROOF_NEEDED'])
  }
  expect(said('approve')).toBe('VERIFICATION_NEEDED')
  expect(said('approve with its own key')).toBe('VERIFICATION_FAILED')
  expect(said('pay with nothing')).toBe('RECEIPT_MISSING')
  expect(said('pay with no proof')).toBe('VERIFICATION_MISSING')
  expect(said('pay with no approval')).toBe('APPROVAL_MISSING')
  expect(said('pay with a claim of proof')).toBe('VERIFICATION_MISSING')
  expect(said('pay with its own certificate')).toBe('CERTIFICATE_FORGED')
  expect(said('pay with the device as a passkey')).toBe('CERTIFICATE_MALFORMED')
  expect(await effectsOf(demo().origin, key)).toEqual([])
  // What it can do, said plainly: what asks for no proof, a script with the person's keys can say for them.
  expect(said('pay less than asks for proof')).toBe('paid')
})
