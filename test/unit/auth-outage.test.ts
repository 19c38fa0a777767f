import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLocalJWKSet, createRemoteJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../supabase/functions/_shared/create-app.ts'
import { createLogIn } from '../../supabase/functions/_shared/log-in.ts'
import { createVerifyToken } from '../../supabase/functions/_shared/token.ts'
import { Unavailable } from '../../supabase/functions/_shared/unavailable.ts'

const ISSUER = 'https://auth.example.com'
const { publicKey, privateKey } = await generateKeyPair('ES256')
const one = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }
const jwks = { keys: [one] }

const token = (expires = '1h', kid = 'one') =>
  new SignJWT({ role: 'authenticated', app_metadata: { tenant_id: 'demo' } })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(ISSUER)
    .setAudience('authenticated')
    .setSubject('anna')
    .setExpirationTime(expires)
    .sign(privateKey)

/** An auth server whose keys are answered like this. */
const served = async (status: number, body: string): Promise<URL> => {
  const server = createServer((_, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

const verifier = (keys: Parameters<typeof createVerifyToken>[0]['keys']) => createVerifyToken({ keys, issuer: ISSUER, dev: false })

test('a token is good or not while the keys can be read', async () => {
  const verify = verifier(createRemoteJWKSet(await served(200, JSON.stringify(jwks))))
  expect(await verify(await token())).toMatchObject({ tenant: 'demo', principal: 'anna' })
  const [head, body] = (await token()).split('.')
  const wrong = [await token('-1h'), await token('1h', 'two'), 'no.token.here', `${head}.${body}.${'A'.repeat(86)}`, `e30.${body}.AAAA`, '']
  for (const bad of wrong) expect(await verify(bad), bad).toBeNull()
  const hmac = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32))
  expect(await verify(await hmac)).toBeNull()
  const twice = verifier(createLocalJWKSet({ keys: [...jwks.keys, { ...one, kid: 'two' }] }))
  const nameless = new SignJWT({}).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
  expect(await twice(await nameless)).toBeNull()
})

test.each([
  [500, '{}'],
  [429, '{}'],
  [200, '<html>'],
  [200, '{"keys":"none"}'],
])('a token is neither while the auth server answers %d %s to a request for its keys', async (status, body) => {
  await expect(verifier(createRemoteJWKSet(await served(status, body)))(await token())).rejects.toBeInstanceOf(Unavailable)
})

test('nor while nobody answers there; a caller is told to come back, not to sign in again', async () => {
  const verify = verifier(createRemoteJWKSet(new URL('http://127.0.0.1:1/')))
  await expect(verify(await token())).rejects.toBeInstanceOf(Unavailable)
  const app = createApp({ name: 'asked', killVersion: { read: async () => 1, note: () => undefined }, log: () => undefined })
  app.get('/', async () => Response.json(await verify(await token())))
  const answer = await app.fetch(new Request('http://localhost/asked'))
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await answer.json()).toMatchObject({ code: 'AUTH_UNAVAILABLE' })
})

const logIn = (send: typeof fetch) =>
  createLogIn({
    url: `${ISSUER}/token`,
    apikey: 'anon',
    verify: async (given) => (given === 'good' ? { tenant: 'demo', principal: 'anna', account: 'anna', user: 'anna' } : null),
    fetch: send,
  })('anna@example.com', 'secret')

test('a login names a person, or nobody where the auth server refuses it', async () => {
  expect(await logIn(async () => Response.json({ access_token: 'good' }))).toMatchObject({ principal: 'anna' })
  for (const status of [400, 401, 403, 422]) expect(await logIn(async () => Response.json({}, { status })), String(status)).toBeNull()
  for (const body of [{}, null, { access_token: 1 }, { access_token: 'bad' }]) expect(await logIn(async () => Response.json(body))).toBeNull()
})

test('a login that nobody judged is no wrong password', async () => {
  for (const status of [429, 500, 502, 503, 404, 408])
    await expect(
      logIn(async () => Response.json({}, { status })),
      String(status),
    ).rejects.toBeInstanceOf(Unavailable)
  await expect(logIn(async () => Promise.reject(new TypeError('fetch failed')))).rejects.toBeInstanceOf(Unavailable)
  await expect(logIn(async () => new Response('<html>'))).rejects.toBeInstanceOf(Unavailable)
  let signal: AbortSignal | null | undefined
  await logIn(async (_, init) => {
    signal = init?.signal
    return Response.json({})
  })
  expect(signal).toBeInstanceOf(AbortSignal)
})
