import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { createKillVersion } from '../../supabase/functions/_shared/kill-version.ts'
import { createMaestroFlag } from '../../supabase/functions/maestro-flag/handler.ts'
import { deviceKey, registration } from '../support/device-key.ts'
import { asRole } from './support/as-role.ts'
import { fileStack } from './support/file-stack.ts'

const at = fileStack()
const FLAG = '/functions/v1/maestro-flag'

type Device = { readonly id: string; readonly privateKey: KeyObject }

const newDevice = async (id: string, sub = 'principal-1'): Promise<Device> => {
  const made = deviceKey()
  const body = await registration(id, made, { user: sub })
  const { status } = await at.stack.call('POST', '/functions/v1/maestro-sync/device-key', { token: await at.stack.token({ sub }), body })
  expect(status).toBe(200)
  return { id, privateKey: made.privateKey }
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

test('a device’s signed word is kept without a token, one that was in force earlier replaces none, and coverage names who is missing (REQ B-7, 2-21)', async () => {
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

test('having a stop is not obeying it: of a stop for everybody only states that cover it count, and a later word replaces an earlier (REQ B-7, 2-21)', async () => {
  await at.stack.sql`delete from public.maestro_kill_acks`
  await at.stack.sql`delete from public.maestro_device_keys`
  const device = await newDevice('device-obeys')
  const says = async (version: number, state: string, effective: number) => {
    expect((await acknowledge(statement(device, version, { state, effective }))).status).toBe(200)
    return coverage()
  }
  const killed = await flip('kill')
  for (const [i, state] of ['run', 'readonly', 'drain'].entries())
    expect(await says(killed, state, 10 + i)).toMatchObject({ proven: 0, unproven: [{ device: 'device-obeys', proven_version: killed, state }] })
  expect(await says(killed, 'kill', 12)).toMatchObject({ proven: 1, unproven: [] })
  expect(await says(killed, 'run', 5)).toMatchObject({ proven: 1, unproven: [] })
  expect(await says(killed, 'safe-worker', 20)).toMatchObject({ proven: 1 })
  const drained = await flip('drain')
  expect(await says(drained, 'readonly', 30)).toMatchObject({ proven: 0, unproven: [{ state: 'readonly' }] })
  expect(await says(drained, 'drain', 31)).toMatchObject({ proven: 1 })
  const { body } = await at.stack.call('PUT', FLAG, { body: { action: 'kill', scopes: [{ tenant: 'demo' }] }, token: at.stack.adminToken })
  expect(await says(Number(body['version']), 'run', 40)).toMatchObject({ action: 'kill', proven: 1, unproven: [] })
})

test('a word that the device did not sign, of a device that nobody knows, or of no version is refused (REQ B-7)', async () => {
  const [mine, stranger] = [await newDevice('device-3'), { id: 'device-3', privateKey: generateKeyPairSync('ed25519').privateKey }]
  const version = await flip('run')
  const good = statement(mine, version)
  const refused: readonly (readonly [string, string, number])[] = [
    ['another key', statement(stranger, version), 404],
    ['another kind of statement', statement(mine, version, {}, { typ: 'maestro-kill+jws' }), 404],
    ['another algorithm', statement(mine, version, {}, { alg: 'none' }), 404],
    ['another tenant', statement(mine, version, { tenant: 'other' }), 404],
    ['an unknown device', statement({ ...mine, id: 'device-9' }, version), 404],
    ['a version to come', statement(mine, version + 1), 404],
    ['an unknown claim', statement(mine, version, { all: true }), 400],
    ['an unknown state', statement(mine, version, { state: 'off' }), 400],
    ['a time out of range', statement(mine, version, { received: 1e300 }), 400],
    ['cut', good.slice(0, -2), 400],
    ['one character changed', `${good.slice(0, -10)}${good.at(-10) === 'A' ? 'B' : 'A'}${good.slice(-9)}`, 404],
    ['text', 'hello', 400],
  ]
  for (const [what, ack, status] of refused) expect((await acknowledge(ack)).status, what).toBe(status)
  expect((await acknowledge(good)).status).toBe(200)
  await at.stack.sql`update public.maestro_device_keys set revoked_at = now() where device_id = 'device-3'`
  expect((await acknowledge(good)).status).toBe(404)
})

test('whether a device is unknown or its signature wrong cannot be told from the answer', async () => {
  const mine = await newDevice('device-hidden')
  const version = await flip('run')
  const { privateKey } = generateKeyPairSync('ed25519')
  const [wrong, unknown] = [
    await acknowledge(statement({ ...mine, privateKey }, version)),
    await acknowledge(statement({ id: 'nobody', privateKey }, version)),
  ]
  expect([wrong.status, wrong.body]).toEqual([unknown.status, unknown.body])
  expect(wrong.status).toBe(404)
})

test('strangers’ statements, whatever names they claim, are braked together, and devices that proved themselves are not', async () => {
  const { sql, adminToken } = at.stack
  const handler = createMaestroFlag({ sql, adminToken, killVersion: createKillVersion(sql), log: () => undefined })
  const send = async (ack: string) =>
    (await handler.fetch(new Request('http://localhost/maestro-flag/ack', { method: 'POST', body: JSON.stringify({ ack }) }))).status
  const [mine, later] = [await newDevice('device-known'), await newDevice('device-late')]
  const version = await flip('run')
  expect(await send(statement(mine, version))).toBe(200)
  const { privateKey } = generateKeyPairSync('ed25519')
  const answers = new Map<number, number>()
  for (let i = 0; i < 210; i += 1) {
    const status = await send(statement({ id: `stranger-${i}`, privateKey }, version))
    answers.set(status, (answers.get(status) ?? 0) + 1)
  }
  expect(answers).toEqual(
    new Map([
      [404, 200],
      [429, 10],
    ]),
  )
  expect([await send(statement(mine, version)), await send(statement(later, version))]).toEqual([200, 429])
  await handler.close()
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
      `select public.maestro_kill_coverage(1, 1, '{}')`,
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
