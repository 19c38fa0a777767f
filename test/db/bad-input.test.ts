import { SignJWT, createLocalJWKSet, generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { createRateLimit } from '../../supabase/functions/_shared/rate-limit.ts'
import { LOCAL_ISSUER, createVerifyToken } from '../../supabase/functions/_shared/token.ts'
import { loadSigningKey } from '../../supabase/local/auth/signing-key.ts'
import { envelope } from './support/envelope.ts'
import { fileStack } from './support/file-stack.ts'

const CLAIM = '/functions/v1/maestro-sync/claim-receipt'
const COMPLETE = '/functions/v1/maestro-sync/complete-receipt'
const GOOD = { tenant_id: 'demo', idempotency_key: 'k', trace_id: 't', action: 'email.send' }
const at = fileStack()

test.each([
  ['HTML', '<!doctype html><title>Sign in</title>'],
  ['nothing', ''],
  ['half a document', '{"tenant_id":"demo"'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a number', '1e999'],
  ['text that is no UTF-8', '{"tenant_id":"demo","idempotency_key":"\udfff"}'],
])('a body that is %s answers 400 JSON', async (_name, body) => {
  for (const path of [CLAIM, COMPLETE]) {
    const answer = await at.stack.call('POST', path, { token: at.token, body })
    expect([answer.status, answer.body['code']]).toEqual([400, 'BODY_INVALID'])
    expect(answer.headers.get('content-type')).toBe('application/json')
  }
})

test.each([
  ['tenant_id', { tenant_id: 7 }],
  ['idempotency_key', { idempotency_key: '' }],
  ['idempotency_key', { idempotency_key: 'x'.repeat(256) }],
  ['idempotency_key', { idempotency_key: 'a\u0000b' }],
  ['idempotency_key', { idempotency_key: 'a\ud800' }],
  ['trace_id', { trace_id: null }],
  ['action', { action: ['email.send'] }],
  ['params_digest', { params_digest: 'A'.repeat(64) }],
  ['params_digest', { params_digest: 'a'.repeat(63) }],
  ['lane', { lane: 'PINK' }],
  ['device_id', { device_id: 'x'.repeat(129) }],
  ['report.blocked_operations', { report: { crypto_initialized: true, blocked_operations: -1, man_mode_escalations: 0, sync_success_rate: 1 } }],
  ['report.sync_success_rate', { report: { crypto_initialized: true, blocked_operations: 0, man_mode_escalations: 0, sync_success_rate: 1.01 } }],
])('a claim with a wrong %s names the field and not its value', async (field, wrong) => {
  const answer = await at.stack.call('POST', CLAIM, { token: at.token, body: { ...GOOD, ...wrong } })
  expect([answer.status, answer.body['message']]).toEqual([400, `The field "${field}" is missing or wrong.`])
})

test.each([
  ['fence', { fence: 0 }],
  ['fence', { fence: 1.5 }],
  ['fence', { fence: '1' }],
  ['state', { state: 'claimed' }],
  ['state', { state: 'toString' }],
  ['result', { result: 'plain words' }],
  ['result', { result: Buffer.from(JSON.stringify({ amount: '12.00', note: 'x'.repeat(200) })).toString('base64url') }],
  ['result', { result: envelope().slice(0, 103) }],
  ['result', { result: undefined }],
])('a completion with a wrong %s is refused', async (field, wrong) => {
  const answer = await at.stack.call('POST', COMPLETE, {
    token: at.token,
    body: { tenant_id: 'demo', idempotency_key: 'k', fence: 1, state: 'done', result: envelope(), ...wrong },
  })
  expect([answer.status, answer.body['message']]).toEqual([400, `The field "${field}" is missing or wrong.`])
})

test('what is just within the bounds is taken', async () => {
  const body = {
    ...GOOD,
    idempotency_key: '😀'.repeat(127) + 'x',
    params_digest: 'f'.repeat(64),
    lane: 'RED',
    device_id: 'x'.repeat(128),
    unknown_field: 1,
  }
  expect((await at.stack.call('POST', CLAIM, { token: at.token, body })).status).toBe(200)
  const answer = { tenant_id: 'demo', idempotency_key: body.idempotency_key, fence: 1, state: 'done', result: envelope(7, 72) }
  expect((await at.stack.call('POST', COMPLETE, { token: at.token, body: answer })).status).toBe(200)
})

test('an oversize body answers 413, whatever its length header says', async () => {
  const body = JSON.stringify({ ...GOOD, padding: 'x'.repeat(20_000) })
  for (const headers of [{}, { 'content-length': '10' }, { 'content-length': String(body.length) }]) {
    const answer = await at.stack.call('POST', CLAIM, { token: at.token, body, headers })
    expect([answer.status, answer.body['code']]).toEqual([413, 'BODY_TOO_LARGE'])
  }
  const large = await at.stack.call('POST', COMPLETE, { token: at.token, body: { ...GOOD, result: envelope(7, 600_000) } })
  expect(large.status).toBe(413)
})

test('an unknown route, function or method answers 404 JSON', async () => {
  for (const [method, path] of [
    ['GET', CLAIM],
    ['POST', '/functions/v1/maestro-sync/drop'],
    ['GET', '/functions/v1/constructor'],
    ['GET', '/functions/v1/'],
    ['DELETE', '/functions/v1/maestro-flag'],
  ] as const) {
    const answer = await at.stack.call(method, path, { token: at.token })
    expect([answer.status, answer.body['code']]).toEqual([404, 'ROUTE_UNKNOWN'])
  }
})

test('a key that does not decode answers 400', async () => {
  expect((await at.stack.call('GET', '/functions/v1/maestro-sync/receipt/%E0%A4%A', { token: at.token })).status).toBe(400)
})

test('a token that is missing, foreign, ended or for something else answers 401 JSON', async () => {
  const { privateKey } = await generateKeyPair('ES256')
  const foreign = await new SignJWT({ role: 'authenticated', app_metadata: { tenant_id: 'demo' } })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(LOCAL_ISSUER)
    .setAudience('authenticated')
    .setSubject('x')
    .setExpirationTime('1h')
    .sign(privateKey)
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${at.token.split('.')[1]}.`
  const wrong = await Promise.all([
    undefined,
    '',
    'nonsense',
    foreign,
    unsigned,
    `${at.token.slice(0, -4)}AAAA`,
    at.stack.adminToken,
    at.stack.token({ expires: '-1m' }),
    at.stack.token({ role: 'anon' }),
    at.stack.token({ audience: 'anon' }),
    at.stack.token({ issuer: 'https://elsewhere/auth/v1' }),
    at.stack.token({ tenant: null }),
  ])
  for (const one of wrong) {
    const answer = await at.stack.call('POST', CLAIM, { token: one, body: GOOD })
    expect([answer.status, answer.body['code'], answer.headers.get('x-maestro-kill-version')]).toEqual([401, 'UNAUTHENTICATED', '1'])
  }
  expect((await at.stack.call('POST', CLAIM, { token: at.token, body: { ...GOOD, idempotency_key: 'accepted' } })).status).toBe(200)
})

test('the local issuer is refused unless MAESTRO_DEV=1', async () => {
  const { jwks } = await loadSigningKey(at.stack.dataDir)
  const keys = createLocalJWKSet(jwks)
  expect(await createVerifyToken({ keys, issuer: LOCAL_ISSUER, dev: false })(at.token)).toBeNull()
  expect(await createVerifyToken({ keys, issuer: LOCAL_ISSUER, dev: true })(at.token)).toMatchObject({ tenant: 'demo', principal: 'principal-1' })
})

test.each(['evil.example', 'localhost.evil.example', '10.0.0.5', '127.0.0.1.nip.io', 'localhost:5173@evil.example'])(
  'the host %s is refused on every path, also when only the header names it',
  async (host) => {
    for (const path of ['/maestro-health', '/functions/v1/maestro-flag', '/auth/v1/.well-known/jwks.json', '/', '/api/demo/effects']) {
      const byUrl = await at.stack.handle(new Request(`http://${host.split('@').at(-1)}${path}`))
      const byHeader = await at.stack.handle(new Request(`http://localhost:5173${path}`, { headers: { host } }))
      expect([byUrl?.status, byHeader?.status]).toEqual([421, 421])
    }
  },
)

test('loopback hosts are served, other paths are left to the caller, and no answer speaks of other origins', async () => {
  for (const host of ['localhost:5173', '127.0.0.1:8080', '[::1]:8080', 'localhost']) {
    const answer = await at.stack.handle(new Request(`http://${host}/maestro-health`, { headers: { host, origin: 'https://evil.example' } }))
    expect(answer?.status).toBe(200)
    expect(Array.from(answer?.headers.keys() ?? []).filter((name) => name.startsWith('access-control'))).toEqual([])
  }
  expect(await at.stack.handle(new Request('http://localhost:5173/index.html'))).toBeNull()
})

test('a principal above the rate is asked to wait, others are not', () => {
  let now = 0
  const limit = createRateLimit(3, () => now)
  expect([limit('a'), limit('a'), limit('a'), limit('a'), limit('b')]).toEqual([0, 0, 0, 10, 0])
  now = 9_500
  expect(limit('a')).toBe(1)
  now = 10_000
  expect(limit('a')).toBe(0)
})
