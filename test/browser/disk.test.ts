import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { EMAIL, newKey, PAYMENT } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { scanForCanaries } from '../support/canary-scan.ts'
import { decide } from '../support/dialog.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { execute, settled } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()

const canary = (about: string) => `${about}${randomBytes(12).toString('hex')}`

test('no parameter, token, result, source or reason stands in the profile folder in the clear, while a plain canary is found there (REQ 0-8, 1-40, law 10)', async () => {
  const proxy = await startFaultProxy(Number(new URL(demo().origin).port))
  onTestFinished(() => proxy.close())
  const browser = await openBrowser()
  const page = await browser.visit(proxy.origin)
  const secret = {
    note: canary('note'),
    subject: canary('subject'),
    body: canary('body'),
    source: canary('source'),
    reason: canary('reason'),
    reference: canary('reference'),
    queued: canary('queued'),
    key: newKey('secret'),
  }

  await settled(page, (await execute(page, 'note.add', { text: secret.note })).key)
  const sources = [{ id: 's1', kind: 'user', text: secret.source }]
  const sent = await execute(
    page,
    'email.send',
    { ...EMAIL, subject: secret.subject, body: secret.body },
    { key: secret.key, sources, reason: secret.reason },
  )
  const receipt = await settled(page, sent.key)
  await execute(page, 'payment.transfer', { ...PAYMENT, reference: secret.reference })
  await decide(page, 'Deny')
  await execute(page, 'payment.transfer', { ...PAYMENT, reference: `${secret.reference} again` }, { agent: 'assistant' })
  await browser.offline(true)
  expect((await execute(page, 'email.send', { ...EMAIL, body: secret.queued })).status).toBe('queued')

  const tokens = proxy.seen.flatMap(({ authorization, answer }) => {
    const { access_token: access, refresh_token: refresh } = JSON.parse(answer ?? '{}') as { access_token?: string; refresh_token?: string }
    return [authorization.replace(/^Bearer /, ''), access ?? '', refresh ?? ''].filter((token) => token.length > 15)
  })
  const signatures = [...new Set(tokens.map((token) => token.slice(-32)))]
  expect(signatures.length).toBeGreaterThanOrEqual(2)
  const result = receipt.result as { readonly id: string; readonly applied_at: string }
  const secrets = [...Object.values(secret), ...signatures, String(result.id), result.applied_at].filter((text) => text.length >= 10)

  expect(await scanForCanaries(browser.profile, secrets), 'while the browser runs').toEqual([])
  await browser.quit()
  expect(await scanForCanaries(browser.profile, secrets), 'after a clean end').toEqual([])
  await browser.reopen()

  const control = {
    local: canary('control-local'),
    indexed: canary('control-indexed'),
    cache: canary('control-cache'),
    base64: canary('control-base64'),
  }
  const plain = await browser.visit(proxy.origin)
  await plain.evaluate(async ({ local, indexed, cache, base64 }) => {
    localStorage.setItem('control', local)
    localStorage.setItem('encoded', btoa(`xy${base64}z`))
    const opened = indexedDB.open('control', 1)
    await new Promise((resolve, reject) => {
      opened.onupgradeneeded = () => opened.result.createObjectStore('rows')
      opened.onsuccess = resolve
      opened.onerror = reject
    })
    const transaction = opened.result.transaction('rows', 'readwrite', { durability: 'strict' })
    transaction.objectStore('rows').put({ text: indexed }, 1)
    await new Promise((resolve) => (transaction.oncomplete = resolve))
    opened.result.close()
    await (await caches.open('control')).put('/control', new Response(cache))
  }, control)
  await browser.quit()
  const found = await scanForCanaries(browser.profile, [...Object.values(control), ...secrets])
  expect(new Set(found.map((finding) => finding.canary))).toEqual(new Set(Object.values(control)))
})
