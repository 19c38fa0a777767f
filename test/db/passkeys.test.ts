import { createHash } from 'node:crypto'
import { compactVerify, createLocalJWKSet } from 'jose'
import type { JSONWebKeySet } from 'jose'
import { expect, test } from 'vitest'
import { LOCAL_USERS } from '../../supabase/local/auth/users.ts'
import { softwarePasskey } from '../consent/software-passkey.ts'
import type { SoftwarePasskey } from '../consent/software-passkey.ts'
import { asRole } from './support/as-role.ts'
import { fileStack } from './support/file-stack.ts'

const at = fileStack()
const ORIGIN = 'http://localhost:5173'
const ROUTE = '/functions/v1/maestro-passkey'
const [demo, ben] = LOCAL_USERS.map(({ email, password, id }) => ({ login: { email, password }, id }))
if (demo === undefined || ben === undefined) throw new Error('two local users are needed')

const tokenOf = (sub: string) => at.stack.token({ sub })
const enrol = async (sub: string, body: Record<string, unknown>) => at.stack.call('POST', ROUTE, { token: await tokenOf(sub), body })
const enrolChallenge = ({ id, key }: SoftwarePasskey): string => createHash('sha256').update(`maestro/enrol/1\n${id}\n${key}`).digest('hex')

test('a passkey is added with a fresh login and certified for its person, by either algorithm', async () => {
  for (const alg of ['ES256', 'EdDSA'] as const) {
    const passkey = softwarePasskey(alg)
    const { status, body } = await enrol(demo.id, { credential: passkey.credential(ORIGIN), login: demo.login })
    expect(status).toBe(200)
    const last = (body['passkeys'] as string[]).at(-1) ?? ''
    const { payload, protectedHeader } = await compactVerify(last, createLocalJWKSet({ keys: body['keys'] } as JSONWebKeySet))
    expect(protectedHeader['typ']).toBe('maestro-passkey+jws')
    expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({
      principal: demo.id,
      tenant: 'demo',
      id: passkey.id,
      alg,
      key: passkey.key,
      rp: 'localhost',
    })
  }
  const { body } = await at.stack.call('GET', ROUTE, { token: await tokenOf(demo.id) })
  expect(body['passkeys']).toHaveLength(2)
})

test('an access token alone adds nothing, nor does the login of somebody else', async () => {
  const credential = softwarePasskey().credential(ORIGIN)
  for (const proof of [{}, { login: ben.login }, { login: { ...demo.login, password: 'wrong' } }])
    expect(await enrol(demo.id, { credential, ...proof })).toMatchObject({ status: 403, body: { code: 'PROOF_NEEDED' } })
  expect(await enrol(demo.id, { credential, login: demo.login })).toMatchObject({ status: 200 })
})

test('an existing passkey lets exactly the new one in that it signed for', async () => {
  const old = softwarePasskey()
  await enrol(ben.id, { credential: old.credential(ORIGIN), login: ben.login })
  const [fresh, other] = [softwarePasskey('EdDSA'), softwarePasskey()]
  const assertion = old.assert(enrolChallenge(fresh), ORIGIN)
  expect(await enrol(ben.id, { credential: other.credential(ORIGIN), assertion })).toMatchObject({ status: 403 })
  expect(await enrol(demo.id, { credential: fresh.credential(ORIGIN), assertion })).toMatchObject({ status: 403 })
  for (const twist of [{ flags: 1 }, { origin: 'http://localhost:1' }, { rp: 'other.example' }, { type: 'webauthn.create' }])
    expect(await enrol(ben.id, { credential: fresh.credential(ORIGIN), assertion: old.assert(enrolChallenge(fresh), ORIGIN, twist) })).toMatchObject({
      status: 403,
    })
  expect(await enrol(ben.id, { credential: fresh.credential(ORIGIN), assertion })).toMatchObject({ status: 200 })
  const byFresh = fresh.assert(enrolChallenge(other), ORIGIN)
  expect(await enrol(ben.id, { credential: other.credential(ORIGIN), assertion: byFresh })).toMatchObject({ status: 200 })
})

test('what was not made for this site by a verified person is refused', async () => {
  const passkey = softwarePasskey()
  for (const twist of [
    { origin: 'http://evil.example' },
    { rp: 'evil.example' },
    { flags: 0x41 },
    { flags: 0x05 },
    { type: 'webauthn.get' },
    { crossOrigin: true },
    { topOrigin: 'http://evil.example' },
    { credential: 'AAAA' },
  ])
    expect(await enrol(demo.id, { credential: passkey.credential(ORIGIN, twist), login: demo.login })).toMatchObject({
      status: 400,
      body: { code: 'PASSKEY_INVALID' },
    })
  const noKey = { ...passkey.credential(ORIGIN), key: 'AAAA' }
  expect(await enrol(demo.id, { credential: noKey, login: demo.login })).toMatchObject({ status: 400 })
  expect(await enrol(demo.id, { credential: passkey.credential(ORIGIN), login: demo.login })).toMatchObject({ status: 200 })
})

test('nobody writes passkeys past the function, and each reads only their own', async () => {
  const read = (sub: string) =>
    asRole(at.stack.sql, 'authenticated', { sub, tenant: 'demo' }, (tx) => tx`select principal_id from public.maestro_passkeys`)
  expect(new Set((await read(demo.id)).map(({ principal_id }) => principal_id))).toEqual(new Set([demo.id]))
  expect(await read('nobody')).toEqual([])
  for (const statement of ['insert', 'function'] as const)
    await expect(
      asRole(at.stack.sql, 'authenticated', { sub: demo.id, tenant: 'demo' }, (tx) =>
        statement === 'insert'
          ? tx`insert into public.maestro_passkeys values ('demo', ${demo.id}, 'x', 'ES256', 'x', 'localhost')`
          : tx`select public.maestro_register_passkey('demo', ${demo.id}, 'x', 'ES256', 'x', 'localhost')`,
      ),
    ).rejects.toMatchObject({ code: '42501' })
})
