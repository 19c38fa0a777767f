import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ClaimRequest } from '../../sw/ports/receipt-server.ts'
import { createFetchFlagSource } from '../../sw/adapters/fetch-flag-source.ts'
import { createFetchHttpEffect } from '../../sw/adapters/fetch-http-effect.ts'
import { createSupabaseAuth } from '../../sw/adapters/supabase-auth.ts'
import { createSupabaseReceipts } from '../../sw/adapters/supabase-receipts.ts'

const BASE = 'http://far.test'
const CLAIM = `${BASE}/functions/v1/maestro-sync/claim-receipt`
const server = setupServer()
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
afterEach(() => server.resetHandlers())
afterAll(() => server.close())

const versions: number[] = []
const receipts = createSupabaseReceipts({ base: BASE, anonKey: 'anon', onKillVersion: (version) => versions.push(version) })
const request: ClaimRequest = {
  tenant: 'demo',
  key: 'k1',
  traceId: 't1',
  action: 'email.send',
  paramsDigest: '0'.repeat(64),
  lane: 'GREEN',
  deviceId: 'd1',
  report: { crypto_initialized: true, blocked_operations: 0, man_mode_escalations: 0, sync_success_rate: null },
}

test('a claim carries its names as the server contract has them, and the kill version of the answer is told', async () => {
  let seen: unknown
  let headers: Headers | null = null
  server.use(
    http.post(CLAIM, async ({ request: sent }) => {
      seen = await sent.json()
      headers = sent.headers
      return HttpResponse.json({ claimed: true, fence: 3, retention_s: 60 }, { headers: { 'x-maestro-kill-version': '7' } })
    }),
  )
  expect(await receipts.claim(request, 'token')).toEqual({ ok: true, value: { kind: 'claimed', fence: 3 } })
  expect(seen).toMatchObject({ tenant_id: 'demo', idempotency_key: 'k1', trace_id: 't1', action: 'email.send', params_digest: '0'.repeat(64) })
  expect((headers as unknown as Headers).get('authorization')).toBe('Bearer token')
  expect(versions).toEqual([7])
})

test.each([
  ['HTML where JSON was due', () => HttpResponse.html('<h1>Sign in to the Wi-Fi</h1>'), 'failing'],
  ['JSON of another shape', () => HttpResponse.json({ ok: true }), 'failing'],
  ['a fence that is text', () => HttpResponse.json({ claimed: true, fence: '3' }), 'failing'],
  ['half a JSON', () => new HttpResponse('{"claimed":tr', { headers: { 'content-type': 'application/json' } }), 'failing'],
  ['a server error', () => HttpResponse.json({ code: 'X' }, { status: 500 }), 'failing'],
  ['no network', () => HttpResponse.error(), 'unreachable'],
  ['an expired token', () => HttpResponse.json({ code: 'UNAUTHENTICATED' }, { status: 401 }), 'auth'],
  ['another device at work', () => HttpResponse.json({ code: 'IN_PROGRESS' }, { status: 409 }), 'in-progress'],
  ['a key used for something else', () => HttpResponse.json({ code: 'KEY_REUSED' }, { status: 422 }), 'key-reused'],
])('a claim answered with %s is a failure of its own kind, never a success (laws 8, 11)', async (_name, answer, kind) => {
  server.use(http.post(CLAIM, answer))
  expect(await receipts.claim(request, 'token')).toMatchObject({ ok: false, error: { kind } })
})

test('Retry-After becomes a floor in milliseconds', async () => {
  server.use(http.post(CLAIM, () => HttpResponse.json({ code: 'IN_PROGRESS' }, { status: 409, headers: { 'retry-after': '12' } })))
  expect(await receipts.claim(request, 'token')).toMatchObject({ ok: false, error: { waitMs: 12_000 } })
})

test('an effect carries its key and its token, and only JSON counts as an answer', async () => {
  const effect = createFetchHttpEffect()
  const call = { method: 'POST', url: `${BASE}/api`, key: 'ü k/1', params: { a: 1 }, token: 'secret' }
  let headers: Headers | null = null
  server.use(
    http.post(`${BASE}/api`, ({ request: sent }) => {
      headers = sent.headers
      return HttpResponse.json({ id: 1 })
    }),
  )
  expect(await effect.send(call)).toEqual({ kind: 'answer', status: 200, body: { id: 1 } })
  expect((headers as unknown as Headers).get('idempotency-key')).toBe(encodeURIComponent('ü k/1'))
  server.use(http.post(`${BASE}/api`, () => HttpResponse.html('<p>hello</p>')))
  expect(await effect.send(call)).toEqual({ kind: 'unreadable', status: 200 })
  server.use(http.post(`${BASE}/api`, () => HttpResponse.error()))
  expect(await effect.send(call)).toEqual({ kind: 'lost' })
})

test('wrong credentials are refused, a broken sign-in server is not a refusal', async () => {
  const auth = createSupabaseAuth({ base: BASE, anonKey: null })
  const token = `${BASE}/auth/v1/token`
  server.use(http.post(token, () => HttpResponse.json({ error: 'invalid_grant' }, { status: 400 })))
  expect(await auth.password('a@b.c', 'x')).toEqual({ ok: false, error: 'refused' })
  for (const answer of [
    () => HttpResponse.json({}, { status: 500 }),
    () => HttpResponse.html('<p>portal</p>'),
    () => HttpResponse.json({ access_token: 1 }),
    () => HttpResponse.error(),
  ]) {
    server.use(http.post(token, answer))
    expect(await auth.password('a@b.c', 'x')).toEqual({ ok: false, error: 'unreachable' })
  }
})

test('a flag that is not JSON, too large or not there is no word at all', async () => {
  const flags = createFetchFlagSource(BASE)
  const url = `${BASE}/functions/v1/maestro-flag`
  server.use(http.get(url, () => HttpResponse.json({ version: 2 })))
  expect(await flags.fetchDocument()).toEqual({ version: 2 })
  for (const answer of [
    () => HttpResponse.html('<p>portal</p>'),
    () => HttpResponse.json({ pad: 'x'.repeat(5_000) }),
    () => HttpResponse.json({}, { status: 503 }),
    () => HttpResponse.error(),
  ]) {
    server.use(http.get(url, answer))
    expect(await flags.fetchDocument()).toBeUndefined()
  }
})
