import { compactVerify, createLocalJWKSet } from 'jose'
import type { JSONWebKeySet } from 'jose'
import { expect, test } from 'vitest'
import { asRole } from './support/as-role.ts'
import { fileStack } from './support/file-stack.ts'

const at = fileStack()
const KEY = 'k'.repeat(43)
const OTHER = 'o'.repeat(43)
const ROUTE = '/functions/v1/maestro-sync/device-key'
const register = (device: string, key = KEY, token: string | undefined = at.token) =>
  at.stack.call('POST', ROUTE, { token, body: { device_id: device, public_key: key } })

test('a device gets a certificate of its key that anyone can check by the published keys', async () => {
  const { status, body } = await register('device-1')
  expect(status).toBe(200)
  const { body: jwks } = await at.stack.call('GET', '/functions/v1/maestro-sync/keys')
  expect(JSON.stringify(jwks)).not.toContain('"d"')
  const { payload, protectedHeader } = await compactVerify(String(body['certificate']), createLocalJWKSet(jwks as unknown as JSONWebKeySet))
  expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'maestro-device+jws' })
  const claims = JSON.parse(new TextDecoder().decode(payload))
  expect(claims).toMatchObject({ v: 1, tenant: 'demo', principal: 'principal-1', device: 'device-1', key: KEY, expires: body['expires'] })
  expect(claims.expires - claims.issued).toBe(7 * 86_400_000)
})

test('a device whose key was lost is certified with its new one, and one that was struck off with none', async () => {
  await register('device-2')
  expect((await register('device-2', OTHER)).status).toBe(200)
  expect(await at.stack.sql`select public_key from public.maestro_device_keys where device_id = 'device-2'`).toEqual([{ public_key: OTHER }])
  await at.stack.sql`update public.maestro_device_keys set revoked_at = now() where device_id = 'device-2'`
  for (const key of [OTHER, KEY]) expect(await register('device-2', key)).toMatchObject({ status: 403, body: { code: 'DEVICE_REFUSED' } })
})

test('nobody is certified without a token, nor what is no key', async () => {
  expect(await register('device-3', KEY, 'no.token.here')).toMatchObject({ status: 401 })
  for (const key of ['', 'short', `${KEY}=`, '+'.repeat(43)]) expect(await register('device-3', key)).toMatchObject({ status: 400 })
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
