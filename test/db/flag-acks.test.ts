import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { asRole } from './support/as-role.ts'
import { fileStack } from './support/file-stack.ts'

const at = fileStack()
const FLAG = '/functions/v1/maestro-flag'

type Device = { readonly id: string; readonly privateKey: KeyObject }

const newDevice = async (id: string, sub = 'principal-1'): Promise<Device> => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const body = { device_id: id, public_key: String(publicKey.export({ format: 'jwk' }).x) }
  const { status } = await at.stack.call('POST', '/functions/v1/maestro-sync/device-key', { token: await at.stack.token({ sub }), body })
  expect(status).toBe(200)
  return { id, privateKey }
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const statement = ({ id, privateKey }: Device, version: number, more: object = {}, header: object = {}): string => {
  const claims = {
    v: 1,
    kind: 'kill.applied',
    tenant: 'demo',
    device: id,
    version,
    state: 'kill',
    received: 1_760_000_000_000,
    effective: 1_760_000_000_009,
    ...more,
  }
  const input = `${part({ alg: 'EdDSA', typ: 'maestro-kill-applied+jws', ...header })}.${part(claims)}`
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`
}

const acknowledge = (ack: string) => at.stack.call('POST', `${FLAG}/ack`, { body: { ack } })
const flip = async (action: string) => Number((await at.stack.call('PUT', FLAG, { body: { action }, token: at.stack.adminToken })).body['version'])
const coverage = async (query = '') => (await at.stack.call('GET', `${FLAG}/coverage${query}`, { token: at.stack.adminToken })).body

test('a device’s signed word is kept without a token, the first one stands, and coverage names who is missing (REQ B-7, 2-21)', async () => {
  const [one, two] = [await newDevice('device-1'), await newDevice('device-2', 'principal-2')]
  const version = await flip('kill')
  expect(await coverage()).toMatchObject({
    version,
    action: 'kill',
    devices: 2,
    proven: 0,
    unproven: [{ device: 'device-2' }, { device: 'device-1' }],
  })
  expect((await acknowledge(statement(one, version))).body).toEqual({ acknowledged: version })
  expect((await acknowledge(statement(one, version, { effective: 1 }))).status).toBe(200)
  const [kept] = await at.stack.sql`select principal_id, state, effective from public.maestro_kill_acks where device_id = 'device-1'`
  expect(kept).toEqual({ principal_id: 'principal-1', state: 'kill', effective: new Date(1_760_000_000_009) })
  expect(await coverage()).toMatchObject({
    proven: 1,
    unproven: [{ tenant: 'demo', principal: 'principal-2', device: 'device-2', proven_version: null }],
  })
  await acknowledge(statement(two, version))
  expect(await coverage()).toMatchObject({ devices: 2, proven: 2, unproven: [] })
  const next = await flip('run')
  expect(await coverage()).toMatchObject({ version: next, proven: 0, unproven: [{ proven_version: version }, { proven_version: version }] })
})

test('a word that the device did not sign, of a device that nobody knows, or of no version is refused (REQ B-7)', async () => {
  const [mine, stranger] = [await newDevice('device-3'), { id: 'device-3', privateKey: generateKeyPairSync('ed25519').privateKey }]
  const version = await flip('run')
  const good = statement(mine, version)
  const refused: readonly (readonly [string, string, number])[] = [
    ['another key', statement(stranger, version), 403],
    ['another kind of statement', statement(mine, version, {}, { typ: 'maestro-kill+jws' }), 403],
    ['another algorithm', statement(mine, version, {}, { alg: 'none' }), 403],
    ['another tenant', statement(mine, version, { tenant: 'other' }), 404],
    ['an unknown device', statement({ ...mine, id: 'device-9' }, version), 404],
    ['a version to come', statement(mine, version + 1), 404],
    ['an unknown claim', statement(mine, version, { all: true }), 400],
    ['an unknown state', statement(mine, version, { state: 'off' }), 400],
    ['a time out of range', statement(mine, version, { received: 1e300 }), 400],
    ['cut', good.slice(0, -2), 400],
    ['one character changed', `${good.slice(0, -10)}${good.at(-10) === 'A' ? 'B' : 'A'}${good.slice(-9)}`, 403],
    ['text', 'hello', 400],
  ]
  for (const [what, ack, status] of refused) expect((await acknowledge(ack)).status, what).toBe(status)
  expect((await acknowledge(good)).status).toBe(200)
  await at.stack.sql`update public.maestro_device_keys set revoked_at = now() where device_id = 'device-3'`
  expect((await acknowledge(good)).status).toBe(404)
})

test('only the operator sees coverage, and a principal only their own proofs', async () => {
  const route = `${FLAG}/coverage`
  expect((await at.stack.call('GET', route)).status).toBe(401)
  expect((await at.stack.call('GET', route, { token: at.token })).status).toBe(403)
  for (const within of ['0', '-1', 'x', '99999999'])
    expect(await at.stack.call('GET', `${route}?within_s=${within}`, { token: at.stack.adminToken }), within).toMatchObject({ status: 400 })
  const read = (sub: string, tenant = 'demo') =>
    asRole(at.stack.sql, 'authenticated', { sub, tenant }, (tx) => tx`select distinct principal_id from public.maestro_kill_acks`)
  expect(await read('principal-1')).toEqual([{ principal_id: 'principal-1' }])
  expect(await read('principal-1', 'other')).toEqual([])
  expect(await read('principal-3')).toEqual([])
  for (const role of ['anon', 'authenticated'] as const)
    for (const write of [
      `insert into public.maestro_kill_acks (tenant_id, principal_id, device_id, version, state, received, effective, statement) values ('demo', 'principal-1', 'd', 1, 'run', now(), now(), 'x')`,
      `delete from public.maestro_kill_acks`,
      `update public.maestro_kill_terms set terms = '{}'`,
      `select public.maestro_publish_kill_terms(99, 'run', null, null, 'resume', '{}', null)`,
      `select public.maestro_note_kill_ack('demo', array['principal-1'], 'd', 1, 'run', now(), now(), 'x')`,
      `select public.maestro_kill_coverage(1, 1)`,
    ])
      await expect(
        asRole(at.stack.sql, role, { sub: 'principal-1', tenant: 'demo' }, (tx) => tx.unsafe(write)),
        `${role}: ${write}`,
      ).rejects.toMatchObject({
        code: '42501',
      })
})

test('a device that was not seen lately is not waited for', async () => {
  await newDevice('device-old')
  await at.stack.sql`update public.maestro_device_keys set registered_at = now() - interval '3 days' where device_id = 'device-old'`
  const names = async (query: string) => ((await coverage(query))['unproven'] as { device: string }[]).map(({ device }) => device)
  expect(await names('')).not.toContain('device-old')
  expect(await names('?within_s=604800')).toContain('device-old')
})
