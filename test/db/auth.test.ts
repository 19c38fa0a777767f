import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { START_MS, testStack } from './support/test-stack.ts'
import type { TestStack } from './support/test-stack.ts'

let stack: TestStack

beforeAll(async () => {
  stack = await testStack()
}, START_MS)
afterAll(() => stack.remove(), START_MS)

const signIn = (email: unknown, password: unknown) => stack.call('POST', '/auth/v1/token?grant_type=password', { body: { email, password } })
const refresh = (token: unknown) => stack.call('POST', '/auth/v1/token?grant_type=refresh_token', { body: { refresh_token: token } })
const verify = (token: unknown) => stack.verify(new Request('http://localhost/', { headers: { authorization: `Bearer ${String(token)}` } }))

test.each([
  ['demo@example.com', 'demo', 'demo'],
  ['ben@example.com', 'ben', 'ben'],
])('%s signs in and the token names user and tenant', async (email, password, user) => {
  const { status, body } = await signIn(email, password)
  expect([status, body['token_type'], body['expires_in']]).toEqual([200, 'bearer', 3600])
  expect(body['user']).toMatchObject({ email, app_metadata: { tenant_id: 'demo' }, user_metadata: { user_name: user } })
  const claims = decodeJwt(String(body['access_token']))
  expect(claims).toMatchObject({ aud: 'authenticated', role: 'authenticated', app_metadata: { tenant_id: 'demo' } })
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3600)
  expect(await verify(body['access_token'])).toMatchObject({ tenant: 'demo', principal: claims.sub, user })
})

test.each([
  ['demo@example.com', 'ben'],
  ['demo@example.com', ''],
  ['eve@example.com', 'demo'],
  [['demo@example.com'], 'demo'],
])('%j with %j is refused', async (email, password) => {
  const { status, body } = await signIn(email, password)
  expect([status, typeof body['error'], typeof body['error_description']]).toEqual([400, 'string', 'string'])
})

test('a refresh token gives the next one and the same user', async () => {
  const first = await signIn('ben@example.com', 'ben')
  const second = await refresh(first.body['refresh_token'])
  expect(second.status).toBe(200)
  expect(second.body['refresh_token']).not.toBe(first.body['refresh_token'])
  expect(await verify(second.body['access_token'])).toMatchObject({ user: 'ben' })
})

test('a refresh whose answer was lost may be asked again at once; much later it ends the family', async () => {
  const first = await signIn('demo@example.com', 'demo')
  const lost = await refresh(first.body['refresh_token'])
  expect((await refresh(first.body['refresh_token'])).status).toBe(200)
  await stack.sql`update auth.maestro_refresh_tokens set used_at = used_at - interval '31 seconds' where used_at is not null`
  expect((await refresh(first.body['refresh_token'])).status).toBe(400)
  expect((await refresh(lost.body['refresh_token'])).status).toBe(400)
})

test.each(['nonsense', '', 7, null])('the refresh token %j is refused', async (token) => {
  expect((await refresh(token)).status).toBe(400)
})

test('refresh tokens are stored as digests and closed to every app role', async () => {
  const { body } = await signIn('demo@example.com', 'demo')
  const rows = await stack.sql`select t::text as line from auth.maestro_refresh_tokens t`
  expect(rows.length).toBeGreaterThan(0)
  expect(JSON.stringify(rows)).not.toContain(String(body['refresh_token']))
  for (const role of ['anon', 'authenticated', 'service_role']) {
    const [row] = await stack.sql`select has_table_privilege(${role}, 'auth.maestro_refresh_tokens', 'select') as open`
    expect(row?.['open']).toBe(false)
  }
})

test('the key set shows public parts only', async () => {
  const { status, body } = await stack.call('GET', '/auth/v1/.well-known/jwks.json')
  expect(status).toBe(200)
  expect(body['keys']).toEqual([expect.objectContaining({ kty: 'EC', crv: 'P-256', alg: 'ES256', kid: expect.any(String) })])
  expect(JSON.stringify(body)).not.toContain('"d"')
})

test('another grant, HTML and an oversize body are refused as JSON', async () => {
  for (const [path, body] of [
    ['/auth/v1/token?grant_type=pkce', {}],
    ['/auth/v1/token', {}],
    ['/auth/v1/token?grant_type=password', '<html>'],
    ['/auth/v1/token?grant_type=password', 'x'.repeat(9_000)],
  ] as const) {
    const answer = await stack.call('POST', path, { body })
    expect([answer.status, typeof answer.body['error']]).toEqual([400, 'string'])
  }
  expect((await stack.call('GET', '/auth/v1/admin/users')).status).toBe(404)
})
