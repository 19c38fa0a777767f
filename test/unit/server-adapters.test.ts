import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { ClaimItem, SyncRequest } from '../../sw/ports/receipt-server.ts'
import { createFetchFlagSource } from '../../sw/adapters/fetch-flag-source.ts'
import { createFetchHttpEffect } from '../../sw/adapters/fetch-http-effect.ts'
import { createSupabaseAuth } from '../../sw/adapters/supabase-auth.ts'
import { createSupabaseReceipts } from '../../sw/adapters/supabase-receipts.ts'

const BASE = 'http://far.test'
const SYNC = `${BASE}/functions/v1/maestro-sync`
const server = setupServer()
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
afterEach(() => server.resetHandlers())
afterAll(() => server.close())

const versions: number[] = []
const receipts = createSupabaseReceipts({ base: BASE, anonKey: 'anon', onKillVersion: (version) => versions.push(version) })
const claim = (key: string): ClaimItem => ({ key, traceId: `trace of ${key}`, action: 'email.send', paramsDigest: '0'.repeat(64), lane: 'GREEN' })
const ask = (...keys: readonly string[]): SyncRequest => ({
  tenant: 'demo',
  deviceId: 'd1',
  report: { crypto_initialized: true, blocked_operations: 0, man_mode_escalations: 0, sync_success_rate: null },
  claims: keys.map(claim),
  completions: [],
  audit: [],
})
const HASH = 'ab'.repeat(32)
/** An answer of the ledger with these items in it. */
const answering = (items: { claims?: unknown; completions?: unknown; audit?: unknown; retention_s?: unknown; server_time?: unknown }) => ({
  claims: [],
  completions: [],
  audit: { through: 4, hash: HASH },
  retention_s: 60,
  server_time: '2026-01-02T03:04:05.000Z',
  kill_version: 7,
  ...items,
})
const claimed = (key: string, fence = 3) => ({ idempotency_key: key, claimed: true, fence })
const answerOf = async (items: Parameters<typeof answering>[0], ...keys: readonly string[]) => {
  server.use(http.post(SYNC, () => HttpResponse.json(answering(items))))
  return receipts.sync(ask(...keys), 'token')
}

test('a batch carries its names as the server contract has them to …/maestro-sync, and the kill version of the answer is told (REQ 1-16)', async () => {
  let seen: unknown
  let headers: Headers | null = null
  server.use(
    http.post(SYNC, async ({ request: sent }) => {
      seen = await sent.json()
      headers = sent.headers
      return HttpResponse.json(
        answering({
          claims: [claimed('k1')],
          completions: [{ idempotency_key: 'k2', completed: true }],
          audit: { through: 9, hash: HASH, code: 'AUDIT_FORK' },
        }),
        { headers: { 'x-maestro-kill-version': '7' } },
      )
    }),
  )
  const entry = { seq: 5, at: 1, kind: 'admitted', receipt: 'r', digest: 'd', hash: HASH }
  const completion = { key: 'k2', fence: 2, state: 'done', result: 'sealed' }
  expect(await receipts.sync({ ...ask('k1'), completions: [completion], audit: [entry] }, 'token')).toEqual({
    ok: true,
    value: {
      claims: [{ ok: true, value: { kind: 'claimed', fence: 3, isBegunElsewhere: false } }],
      completions: [{ ok: true, value: null }],
      audit: { seq: 9, hash: HASH, isForked: true },
      retentionMs: 60_000,
      serverTime: Date.UTC(2026, 0, 2, 3, 4, 5),
    },
  })
  expect(seen).toEqual({
    tenant_id: 'demo',
    device_id: 'd1',
    report: ask().report,
    claims: [{ idempotency_key: 'k1', trace_id: 'trace of k1', action: 'email.send', params_digest: '0'.repeat(64), lane: 'GREEN' }],
    completions: [{ idempotency_key: 'k2', fence: 2, state: 'done', result: 'sealed' }],
    audit: [entry],
  })
  const sent = headers as unknown as Headers
  expect([sent.get('authorization'), sent.get('apikey'), sent.get('content-type')]).toEqual(['Bearer token', 'anon', 'application/json'])
  expect(versions).toEqual([7])
})

test.each([
  ['HTML where JSON was due', () => HttpResponse.html('<h1>Sign in to the Wi-Fi</h1>'), 'failing'],
  ['JSON of another shape', () => HttpResponse.json({ ok: true }), 'failing'],
  ['a list', () => HttpResponse.json([claimed('k1')]), 'failing'],
  ['no word on the chain', () => HttpResponse.json({ ...answering({}), audit: undefined }), 'failing'],
  ['a chain end that is no hash', () => HttpResponse.json(answering({ audit: { through: 1, hash: 'x' } })), 'failing'],
  ['a chain end before the beginning', () => HttpResponse.json(answering({ audit: { through: -1, hash: HASH } })), 'failing'],
  ['a time that is none', () => HttpResponse.json(answering({ server_time: 'soon' })), 'failing'],
  ['claims that are no list', () => HttpResponse.json(answering({ claims: { k1: claimed('k1') } })), 'failing'],
  ['half a JSON', () => new HttpResponse('{"claims":[', { headers: { 'content-type': 'application/json' } }), 'failing'],
  ['a server error', () => HttpResponse.json({ code: 'X' }, { status: 500 }), 'failing'],
  ['a success under another status', () => HttpResponse.json(answering({ claims: [claimed('k1')] }), { status: 404 }), 'failing'],
  ['too much at once', () => HttpResponse.json({ code: 'BATCH_TOO_LARGE' }, { status: 413 }), 'failing'],
  ['no network', () => HttpResponse.error(), 'unreachable'],
  ['an expired token', () => HttpResponse.json({ code: 'UNAUTHENTICATED' }, { status: 401 }), 'auth'],
])('a batch answered with %s is a failure of its own kind, never a success (laws 8, 11)', async (_name, answer, kind) => {
  server.use(http.post(SYNC, answer))
  expect(await receipts.sync(ask('k1'), 'token')).toMatchObject({ ok: false, error: { kind } })
})

test.each([
  ['a claim', claimed('k1', 4), { ok: true, value: { kind: 'claimed', fence: 4 } }],
  [
    'an end that was reached elsewhere',
    { idempotency_key: 'k1', claimed: false, idempotent: true, state: 'done', result: 'sealed' },
    { ok: true, value: { kind: 'settled', state: 'done', result: 'sealed' } },
  ],
  [
    'another device at work',
    { idempotency_key: 'k1', claimed: false, code: 'IN_PROGRESS', retry_after_s: 12 },
    { ok: false, error: { kind: 'in-progress', waitMs: 12_000 } },
  ],
  ['a key used for something else', { idempotency_key: 'k1', claimed: false, code: 'KEY_REUSED' }, { ok: false, error: { kind: 'key-reused' } }],
  ['a fence that is text', { ...claimed('k1'), fence: '3' }, { ok: false, error: { kind: 'failing' } }],
  ['a fence below zero', claimed('k1', -1), { ok: false, error: { kind: 'failing' } }],
  ['a code that nobody knows', { idempotency_key: 'k1', claimed: false, code: 'constructor' }, { ok: false, error: { kind: 'failing' } }],
  ['an end without a result', { idempotency_key: 'k1', claimed: false, idempotent: true, state: 'done' }, { ok: false, error: { kind: 'failing' } }],
])('one item answered with %s is read as that', async (_name, item, expected) => {
  expect(await answerOf({ claims: [item] }, 'k1')).toMatchObject({ ok: true, value: { claims: [expected] } })
})

test("an item's answer is found by its key: in another order, beside a stranger's, missing, or said twice in two ways", async () => {
  const answer = await answerOf(
    { claims: [claimed('k3', 3), claimed('not asked', 9), claimed('k2', 2), claimed('k2', 8), claimed('k1', 1), claimed('k1', 1), null, 7] },
    'k1',
    'k2',
    'k3',
    'k4',
  )
  expect(answer).toMatchObject({
    ok: true,
    value: {
      claims: [
        { ok: true, value: { kind: 'claimed', fence: 1 } },
        { ok: false, error: { kind: 'failing' } },
        { ok: true, value: { kind: 'claimed', fence: 3 } },
        { ok: false, error: { kind: 'failing' } },
      ],
    },
  })
})

test.each([
  [
    { idempotency_key: 'k1', completed: true },
    { ok: true, value: null },
  ],
  [
    { idempotency_key: 'k1', completed: false, code: 'FENCE_STALE' },
    { ok: false, error: { kind: 'fence' } },
  ],
  [
    { idempotency_key: 'k1', completed: false, code: 'RECEIPT_UNKNOWN' },
    { ok: false, error: { kind: 'fence' } },
  ],
  [
    { idempotency_key: 'k1', completed: false, code: 'ITEM_INVALID' },
    { ok: false, error: { kind: 'invalid' } },
  ],
  [
    { idempotency_key: 'k1', completed: false },
    { ok: false, error: { kind: 'failing' } },
  ],
  [
    { idempotency_key: 'k2', completed: true },
    { ok: false, error: { kind: 'failing' } },
  ],
])('a completion answered with %j', async (item, expected) => {
  server.use(http.post(SYNC, () => HttpResponse.json(answering({ completions: [item] }))))
  const asked = { ...ask(), completions: [{ key: 'k1', fence: 1, state: 'done', result: null }] }
  expect(await receipts.sync(asked, 'token')).toMatchObject({ ok: true, value: { completions: [expected] } })
})

test.each([
  ['12', 12_000],
  ['99999999999999', LIMITS.retryAfterMsMax],
  ['-5', undefined],
  ['soon', undefined],
])('Retry-After %s is a floor of %s ms', async (header, waitMs) => {
  server.use(http.post(SYNC, () => HttpResponse.json({ code: 'RATE' }, { status: 429, headers: { 'retry-after': header } })))
  expect(await receipts.sync(ask('k1'), 'token')).toEqual({
    ok: false,
    error: waitMs === undefined ? { kind: 'failing' } : { kind: 'failing', waitMs },
  })
})

test('what the ledger knows of a key is asked by the key, and only its own word is believed', async () => {
  const url = `${SYNC}/receipt/${encodeURIComponent('ü k/1')}`
  const look = async (answer: () => Response) => {
    server.use(http.get(url, answer))
    return receipts.lookUp('ü k/1', 'token')
  }
  expect(await look(() => HttpResponse.json({ state: 'done', fence: 2, params_digest: HASH, result: 'sealed' }))).toEqual({
    ok: true,
    value: { state: 'done', result: 'sealed', fence: 2 },
  })
  expect(await look(() => HttpResponse.json({ code: 'RECEIPT_UNKNOWN' }, { status: 404 }))).toEqual({ ok: true, value: null })
  expect(await look(() => HttpResponse.json({ message: 'no such page' }, { status: 404 }))).toMatchObject({ ok: false, error: { kind: 'failing' } })
  expect(await look(() => HttpResponse.html('<h1>Not found</h1>', { status: 404 }))).toMatchObject({ ok: false, error: { kind: 'failing' } })
  expect(await look(() => HttpResponse.json({ state: 7, result: null }))).toMatchObject({ ok: false, error: { kind: 'failing' } })
  expect(await look(() => HttpResponse.json({}, { status: 401 }))).toEqual({ ok: false, error: { kind: 'auth' } })
  expect(await look(() => HttpResponse.error())).toEqual({ ok: false, error: { kind: 'unreachable' } })
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
    () => HttpResponse.json({ pad: 'x'.repeat(LIMITS.flagBytesMax) }),
    () => HttpResponse.json({}, { status: 503 }),
    () => HttpResponse.error(),
  ]) {
    server.use(http.get(url, answer))
    expect(await flags.fetchDocument()).toBeUndefined()
  }
})

const batchOf = (...keys: readonly string[]) => ({
  url: `${BASE}/api/batch`,
  items: keys.map((key) => ({ key, params: { of: key } })),
  token: 'secret',
})
const sendBatch = (answer: () => Response, ...keys: readonly string[]) => {
  server.use(http.post(`${BASE}/api/batch`, answer))
  return createFetchHttpEffect().sendBatch(batchOf(...keys))
}

test('a batch of effects is one request with every key verbatim, and each element is an answer of its own', async () => {
  let seen: unknown
  let headers: Headers | null = null
  server.use(
    http.post(`${BASE}/api/batch`, async ({ request: sent }) => {
      seen = await sent.json()
      headers = sent.headers
      return HttpResponse.json([
        { key: 'b', status: 409, body: { code: 'BUSY' }, retry_after_s: 5 },
        { key: 'ü k/1', status: 200, body: { id: 1 } },
        { key: 'c', status: 204 },
      ])
    }),
  )
  const answer = await createFetchHttpEffect().sendBatch(batchOf('ü k/1', 'b', 'c'))
  expect(seen).toEqual([
    { key: 'ü k/1', params: { of: 'ü k/1' } },
    { key: 'b', params: { of: 'b' } },
    { key: 'c', params: { of: 'c' } },
  ])
  const sent = headers as unknown as Headers
  expect([sent.get('authorization'), sent.get('idempotency-key')]).toEqual(['Bearer secret', null])
  expect(answer).toEqual({
    kind: 'answers',
    byKey: new Map([
      ['ü k/1', { kind: 'answer', status: 200, body: { id: 1 } }],
      ['b', { kind: 'answer', status: 409, body: { code: 'BUSY' }, waitMs: 5_000 }],
      ['c', { kind: 'answer', status: 204, body: null }],
    ]),
  })
})

test.each([
  ['nothing at all', []],
  ['an element without a key', [{ status: 200, body: {} }]],
  ['an element without a status', [{ key: 'a', body: {} }]],
  ['a status that is text', [{ key: 'a', status: '200', body: {} }]],
  ["another item's key", [{ key: 'b', status: 200, body: {} }]],
  [
    'two answers that differ',
    [
      { key: 'a', status: 200, body: { id: 1 } },
      { key: 'a', status: 200, body: { id: 2 } },
    ],
  ],
  ['elements that are no objects', [null, 7, 'a', ['a']]],
])('an item that a batch answered with %s has no readable answer', async (_name, body) => {
  expect(await sendBatch(() => HttpResponse.json(body), 'a')).toEqual({ kind: 'answers', byKey: new Map() })
})

test('an answer said twice in the same words is one answer, a success without a body is unreadable, and patience has a bound', async () => {
  const twice = { key: 'a', status: 200, body: { x: 1, y: 2 } }
  const again = { key: 'a', body: { y: 2, x: 1 }, status: 200 }
  const rest = [
    { key: 'b', status: 200 },
    { key: 'c', status: 503, body: {}, retry_after_s: 1e12 },
    { key: 'd', status: 503, body: {}, retry_after_s: -1 },
  ]
  expect(await sendBatch(() => HttpResponse.json([twice, again, ...rest]), 'a', 'b', 'c', 'd')).toEqual({
    kind: 'answers',
    byKey: new Map([
      ['a', { kind: 'answer', status: 200, body: { x: 1, y: 2 } }],
      ['b', { kind: 'unreadable', status: 200 }],
      ['c', { kind: 'answer', status: 503, body: {}, waitMs: LIMITS.retryAfterMsMax }],
      ['d', { kind: 'answer', status: 503, body: {} }],
    ]),
  })
})

test.each([
  ['HTML', () => HttpResponse.html('<p>portal</p>'), { kind: 'unreadable', status: 200 }],
  ['a polite object', () => HttpResponse.json({ ok: true }), { kind: 'unreadable', status: 200 }],
  [
    'a list under another success',
    () => HttpResponse.json([{ key: 'a', status: 200, body: {} }], { status: 202 }),
    { kind: 'unreadable', status: 202 },
  ],
  ['no content', () => new HttpResponse(null, { status: 204 }), { kind: 'unreadable', status: 204 }],
  ['a refusal', () => HttpResponse.json({ code: 'NO' }, { status: 401 }), { kind: 'answer', status: 401, body: { code: 'NO' } }],
  [
    'a server error',
    () => HttpResponse.json({}, { status: 503, headers: { 'retry-after': '2' } }),
    { kind: 'answer', status: 503, body: {}, waitMs: 2_000 },
  ],
  ['no network', () => HttpResponse.error(), { kind: 'lost' }],
])('a whole batch answered with %s is judged as a whole, never as a success of its items', async (_name, answer, expected) => {
  expect(await sendBatch(answer, 'a', 'b')).toEqual(expected)
})

test('an answer that echoes another key is no receipt', async () => {
  const call = { method: 'POST', url: `${BASE}/api`, key: 'mine', params: {}, token: null }
  server.use(http.post(`${BASE}/api`, () => HttpResponse.json({ id: 1 }, { headers: { 'idempotency-key': 'other' } })))
  expect(await createFetchHttpEffect().send(call)).toEqual({ kind: 'unreadable', status: 200 })
  server.use(http.post(`${BASE}/api`, () => HttpResponse.json({ id: 1 }, { headers: { 'idempotency-key': 'mine' } })))
  expect(await createFetchHttpEffect().send(call)).toEqual({ kind: 'answer', status: 200, body: { id: 1 } })
})
