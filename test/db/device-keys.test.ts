import { compactVerify, createLocalJWKSet } from 'jose'
import type { JSONWebKeySet } from 'jose'
import { expect, test } from 'vitest'
import { deviceKey, registration, signedBy } from '../support/device-key.ts'
import { asRole } from './support/as-role.ts'
import { fileStack } from './support/file-stack.ts'

const at = fileStack()
const KEY = deviceKey()
const OTHER = deviceKey()
const ROUTE = '/functions/v1/maestro-sync/device-key'
const send = (body: object, token: string | undefined = at.token) => at.stack.call('POST', ROUTE, { token, body })
const register = async (device: string, key = KEY, token: string | undefined = at.token, user = 'principal-1') =>
  send(await registration(device, key, { user }), token)

test('a device gets a certificate of its key that anyone can check by the published keys', async () => {
  const { status, body } = await register('device-1')
  expect(status).toBe(200)
  const { body: jwks } = await at.stack.call('GET', '/functions/v1/maestro-sync/keys')
  expect(JSON.stringify(jwks)).not.toContain('"d"')
  const { payload, protectedHeader } = await compactVerify(String(body['certificate']), createLocalJWKSet(jwks as unknown as JSONWebKeySet))
  expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'maestro-device+jws' })
  const claims = JSON.parse(new TextDecoder().decode(payload))
  expect(claims).toMatchObject({ v: 1, tenant: 'demo', principal: 'principal-1', device: 'device-1', key: KEY.key, expires: body['expires'] })
  expect(claims.expires - claims.issued).toBe(7 * 86_400_000)
})

test('a device whose key was lost is certified with its new one, and one that was struck off with none', async () => {
  const [lost, fresh] = [deviceKey(), deviceKey()]
  await register('device-2', lost)
  expect((await register('device-2', fresh)).status).toBe(200)
  expect(await at.stack.sql`select public_key from public.maestro_device_keys where device_id = 'device-2'`).toEqual([{ public_key: fresh.key }])
  await at.stack.sql`update public.maestro_device_keys set revoked_at = now() where device_id = 'device-2'`
  for (const key of [fresh, lost, OTHER]) expect(await register('device-2', key)).toMatchObject({ status: 403, body: { code: 'DEVICE_REFUSED' } })
})

test('a key that was struck off is certified under no other name and for no other person of the tenant; a new key of another device is', async () => {
  const struck = deviceKey()
  const colleague = await at.stack.token({ sub: 'colleague' })
  expect((await register('struck', struck)).status).toBe(200)
  expect((await register('shared', struck, colleague, 'colleague')).status).toBe(200)
  await at.stack.sql`update public.maestro_device_keys set revoked_at = now() where device_id = 'struck'`
  const refused = { status: 403, body: { code: 'DEVICE_REFUSED' } }
  expect(await register('another-name', struck)).toMatchObject(refused)
  expect(await register('shared', struck, colleague, 'colleague')).toMatchObject(refused)
  expect(await at.stack.sql`select from public.maestro_device_keys where device_id = 'another-name'`).toHaveLength(0)
  expect((await register('another-name', deviceKey())).status).toBe(200)
})

test('only the key itself can say whose it is: another key, person, device, tenant or kind of statement proves nothing', async () => {
  const mine = deviceKey()
  const good = await registration('proven', mine)
  const header = { alg: 'EdDSA', typ: 'maestro-device-key+jws' }
  const claims = { v: 1, tenant: 'demo', principal: 'principal-1', device: 'proven', key: mine.key }
  const proofs = {
    'another key': (await registration('proven', OTHER)).proof,
    'signed by another key': await signedBy(OTHER, header, claims),
    'another person': await signedBy(mine, header, { ...claims, principal: 'principal-2' }),
    'another device': await signedBy(mine, header, { ...claims, device: 'other' }),
    'another tenant': await signedBy(mine, header, { ...claims, tenant: 'other' }),
    'another kind': await signedBy(mine, { ...header, typ: 'maestro-kill-applied+jws' }, claims),
    'more than it should': await signedBy(mine, header, { ...claims, more: 1 }),
  }
  for (const [what, proof] of Object.entries(proofs))
    expect(await send({ ...good, proof }), what).toMatchObject({ status: 403, body: { code: 'PROOF_WRONG' } })
  expect(await send({ device_id: 'proven', public_key: mine.key })).toMatchObject({ status: 400 })
  expect(await send(good, await at.stack.token({ sub: 'principal-2' }))).toMatchObject({ status: 403, body: { code: 'PROOF_WRONG' } })
  expect(await at.stack.sql`select from public.maestro_device_keys where device_id = 'proven'`).toHaveLength(0)
  expect((await send({ ...good, proof: await signedBy(mine, header, claims) })).status).toBe(200)
})

test('a person who has used up their devices is not locked out: the one that was unseen longest makes room, and comes back', async () => {
  const token = await at.stack.token({ sub: 'many' })
  await at.stack.sql`insert into public.maestro_device_keys (tenant_id, principal_id, device_id, public_key, seen_at, revoked_at)
    select 'demo', 'many', 'old-' || n, rpad(n::text, 43, 'x'), now() - make_interval(mins => n), case when n > 1000 then now() end
      from generate_series(1, 1010) n`
  const left = async () =>
    (
      await at.stack.sql`select count(*)::int as keys, count(*) filter (where device_id = 'old-1000')::int as oldest,
        count(*) filter (where device_id = 'old-1')::int as newest, count(revoked_at)::int as revoked
      from public.maestro_device_keys where principal_id = 'many'`
    )[0]
  expect((await register('new-device', KEY, token, 'many')).status).toBe(200)
  expect(await left()).toEqual({ keys: 1010, oldest: 0, newest: 1, revoked: 10 })
  expect((await register('new-device', KEY, token, 'many')).status).toBe(200)
  expect(await left()).toEqual({ keys: 1010, oldest: 0, newest: 1, revoked: 10 })
})

test('nobody is certified without a token, nor what is no key', async () => {
  expect(await register('device-3', KEY, 'no.token.here')).toMatchObject({ status: 401 })
  const good = await registration('device-3', KEY)
  for (const key of ['', 'short', `${KEY.key}=`, '+'.repeat(43)]) expect(await send({ ...good, public_key: key })).toMatchObject({ status: 400 })
  for (const device of ['', 'a b', 'd'.repeat(129)]) expect(await register(device)).toMatchObject({ status: 400 })
})

test('a principal reads only their own devices and writes none past the function', async () => {
  await register('device-4')
  const read = (sub: string, tenant = 'demo') =>
    asRole(at.stack.sql, 'authenticated', { sub, tenant }, (tx) => tx`select device_id from public.maestro_device_keys`)
  expect((await read('principal-1')).length).toBeGreaterThan(0)
  expect(await read('principal-2')).toEqual([])
  expect(await read('principal-1', 'other')).toEqual([])
  for (const role of ['authenticated', 'anon'] as const)
    await expect(
      asRole(at.stack.sql, role, { sub: 'principal-1', tenant: 'demo' }, (tx) => tx`update public.maestro_device_keys set revoked_at = null`),
    ).rejects.toMatchObject({ code: '42501' })
})
