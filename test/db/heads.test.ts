import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import type { AuditEntry } from '../../src/audit/entry.ts'
import { verifySignedHead, type SignedHead } from '../../src/audit/signed-head.ts'
import * as v from '../../src/protocol/schema.ts'
import { isSignedBy } from '../../src/server/signatures.ts'
import { createSupabaseHeads } from '../../sw/adapters/supabase-heads.ts'
import type { Actions } from '../../sw/ports/action.ts'
import { createProofs } from '../../sw/runtime/proofs.ts'
import { cli } from '../support/cli.ts'
import { createWorld, emptyDisk, type MemoryDisk } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { ask, boot, signIn, wake } from '../support/runtime-driver.ts'
import { registration } from '../support/device-key.ts'
import { headDevice, type HeadDevice } from '../support/signed-heads.ts'
import { asRole } from './support/as-role.ts'
import { deviceEntries } from './support/device-entries.ts'
import { fileStack } from './support/file-stack.ts'
import { sync } from './support/sync.ts'

const at = fileStack()
afterEach(() => void vi.unstubAllGlobals())
const ROUTE = '/functions/v1/maestro-sync/heads'
const OWNER = { tenant: 'demo', principal: 'principal-1' }

const register = async (device: string, signer: HeadDevice, token = at.token): Promise<void> => {
  const { status } = await at.stack.call('POST', '/functions/v1/maestro-sync/device-key', { token, body: await registration(device, signer) })
  expect(status).toBe(200)
}

const open = async (device: string): Promise<HeadDevice> => {
  const made = headDevice()
  await register(device, made)
  return made
}

const headOf = (signer: HeadDevice, device: string, entry: AuditEntry | undefined, wrong: object = {}): string =>
  signer.head({ ...OWNER, device, seq: entry?.seq ?? 0, hash: entry?.hash ?? '', at: 1_760_000_000_000, ...wrong })

const send = (head: string, entries: readonly AuditEntry[] = [], token: string | undefined = at.token, tenant = 'demo') =>
  at.stack.call('POST', ROUTE, { token, body: { tenant_id: tenant, head, entries } })

const show = (query: string, token: string | undefined = at.token) => at.stack.call('GET', `${ROUTE}?${query}`, { token })

test('a head that its device signed is counter-signed, once and for ever the same', async () => {
  const signer = await open('good')
  const entries = deviceEntries(3)
  const first = await send(headOf(signer, 'good', entries[2]), entries)
  expect(first.status).toBe(200)
  const { body: jwks } = await at.stack.call('GET', '/functions/v1/maestro-sync/keys')
  const keys = (jwks['keys'] as { kid: string; x: string }[]).map(({ kid, x }) => ({ kid, x }))
  const verified = await verifySignedHead(first.body as SignedHead, keys, isSignedBy)
  expect(verified).toMatchObject({ ok: true, value: { ...OWNER, device: 'good', seq: 3, hash: entries[2]?.hash } })
  expect((await send(headOf(signer, 'good', entries[2], { at: 1_770_000_000_000 }))).body).toEqual(first.body)
  expect(await at.stack.sql`select seq::int from public.maestro_signed_heads where device_id = 'good'`).toEqual([{ seq: 3 }])
  expect((await at.stack.sql`select from public.maestro_device_audit where device_id = 'good'`).length).toBe(3)
})

test('a head continues what the ledger has been told of the chain already', async () => {
  const signer = await open('told')
  const entries = deviceEntries(5)
  await sync(at.stack, at.token, { device_id: 'told', audit: entries.slice(0, 4) })
  expect((await send(headOf(signer, 'told', entries[1]))).status).toBe(200)
  expect(await send(headOf(signer, 'told', entries[4]))).toMatchObject({
    status: 409,
    body: { code: 'HEAD_AHEAD', through: 4, hash: entries[3]?.hash },
  })
  expect((await send(headOf(signer, 'told', entries[4]), entries.slice(4))).status).toBe(200)
})

test('an older head, another one at the same place and one of another chain are refused with what was promised', async () => {
  const signer = await open('forked')
  const entries = deviceEntries(4)
  const others = deviceEntries(6, 'receipt-2')
  const kept = await send(headOf(signer, 'forked', entries[3]), entries)
  const refused = (code: string) => ({ status: 409, body: { code, latest: kept.body } })
  expect(await send(headOf(signer, 'forked', entries[1]))).toMatchObject(refused('HEAD_OLD'))
  expect(await send(headOf(signer, 'forked', others[3]))).toMatchObject(refused('HEAD_FORK'))
  expect(await send(headOf(signer, 'forked', others[1]))).toMatchObject(refused('HEAD_FORK'))
  expect(await send(headOf(signer, 'forked', others[5]), others)).toMatchObject(refused('HEAD_FORK'))
  expect(await at.stack.sql`select seq::int from public.maestro_signed_heads where device_id = 'forked'`).toEqual([{ seq: 4 }])
})

test('of two heads at one place that come at once only one is counter-signed', async () => {
  const signer = await open('raced')
  const chains = [deviceEntries(3), deviceEntries(3, 'receipt-2')]
  const said = await Promise.all(chains.map((entries) => send(headOf(signer, 'raced', entries[2]), entries)))
  expect(said.map(({ status }) => status).toSorted()).toEqual([200, 409])
})

test('a device that is unknown or struck off, another’s signature and another’s name are refused', async () => {
  const signer = await open('mine')
  const [entry] = deviceEntries(1)
  const entries = entry ? [entry] : []
  expect(await send(headOf(signer, 'nobody', entry), entries)).toMatchObject({ status: 403, body: { code: 'DEVICE_UNKNOWN' } })
  expect(await send(headOf(headDevice(), 'mine', entry), entries)).toMatchObject({ status: 403, body: { code: 'SIGNATURE_WRONG' } })
  const asReceipt = signer.head({ ...OWNER, device: 'mine', seq: 1, hash: entry?.hash ?? '', at: 1 }, 'maestro-receipt+jws')
  expect(await send(asReceipt, entries)).toMatchObject({ status: 403, body: { code: 'SIGNATURE_WRONG' } })
  expect(await send(headOf(signer, 'mine', entry, { tenant: 'other' }), entries)).toMatchObject({ status: 403, body: { code: 'HEAD_OTHER' } })
  expect(await send(headOf(signer, 'mine', entry, { principal: 'principal-2' }), entries)).toMatchObject({
    status: 403,
    body: { code: 'HEAD_OTHER' },
  })
  const other = await at.stack.token({ sub: 'principal-2' })
  expect(await send(headOf(signer, 'mine', entry, { principal: 'principal-2' }), entries, other)).toMatchObject({ body: { code: 'DEVICE_UNKNOWN' } })
  expect(await send(headOf(signer, 'mine', entry), entries, at.token, 'other')).toMatchObject({ status: 403, body: { code: 'TENANT_MISMATCH' } })
  await at.stack.sql`update public.maestro_device_keys set revoked_at = now() where device_id = 'mine'`
  expect(await send(headOf(signer, 'mine', entry), entries)).toMatchObject({ status: 403, body: { code: 'DEVICE_UNKNOWN' } })
  expect(await at.stack.sql`select from public.maestro_signed_heads where device_id in ('mine', 'nobody')`).toHaveLength(0)
  expect(await send(headOf(signer, 'mine', entry), entries, 'no.token.here')).toMatchObject({ status: 401 })
  expect(await show('device_id=mine', 'no.token.here')).toMatchObject({ status: 401 })
})

test('what is no head is a coded refusal', async () => {
  const signer = await open('shapes')
  const [entry] = deviceEntries(1)
  for (const wrong of [{ seq: 0 }, { seq: 1.5 }, { hash: 'short' }, { device: 'a b' }, { at: -1 }, { more: 1 }])
    expect(await send(headOf(signer, 'shapes', entry, wrong))).toMatchObject({ status: 400, body: { code: 'HEAD_INVALID' } })
  for (const text of ['', 'a.b', `a.b.${'c'.repeat(87)}`, 'x'.repeat(5000)]) expect(await send(text)).toMatchObject({ status: 400 })
  expect(await send(`e30.e30.${'c'.repeat(86)}`)).toMatchObject({ status: 400, body: { code: 'HEAD_INVALID' } })
  for (const query of ['', 'device_id=', 'device_id=shapes&covers=x', 'device_id=shapes&covers=-1'])
    expect(await show(query)).toMatchObject({ status: 400 })
})

test('a person is shown their own heads only: the newest, and the first that covers a place', async () => {
  const signer = await open('shown')
  const entries = deviceEntries(9)
  expect(await show('device_id=shown')).toMatchObject({ status: 200, body: { through: 0, latest: null, asked: null } })
  const kept = []
  for (const end of [3, 6, 9]) kept.push((await send(headOf(signer, 'shown', entries[end - 1]), entries.slice(0, end))).body)
  expect((await show('device_id=shown&covers=4')).body).toEqual({ through: 9, hash: entries[8]?.hash, latest: kept[2], asked: kept[1] })
  expect((await show('device_id=shown&covers=10')).body).toMatchObject({ latest: kept[2], asked: null })
  const others = await show('device_id=shown', await at.stack.token({ sub: 'principal-2' }))
  expect(others.body).toMatchObject({ through: 0, latest: null })
  expect((await show('device_id=shown', await at.stack.token({ tenant: 'other' }))).body).toMatchObject({ through: 0, latest: null })
})

test('every role: own rows are readable, nothing is written, changed or removed past the function', async () => {
  const signer = await open('rows')
  const entries = deviceEntries(2)
  await send(headOf(signer, 'rows', entries[1]), entries)
  const me = { sub: 'principal-1', tenant: 'demo' }
  const { sql } = at.stack
  const read = (claims: { sub: string; tenant: string }, role: 'authenticated' | 'service_role' = 'authenticated') =>
    asRole(sql, role, claims, (tx) => tx`select from public.maestro_signed_heads where device_id = 'rows'`)
  expect(await read(me)).toHaveLength(1)
  expect(await read(me, 'service_role')).toHaveLength(1)
  expect(await read({ ...me, sub: 'principal-2' })).toHaveLength(0)
  expect(await read({ ...me, tenant: 'other' })).toHaveLength(0)
  const denied = { code: '42501' }
  await expect(asRole(sql, 'anon', me, (tx) => tx`select from public.maestro_signed_heads`)).rejects.toMatchObject(denied)
  for (const role of ['anon', 'authenticated', 'service_role'] as const) {
    await expect(
      asRole(sql, role, me, (tx) => tx`insert into public.maestro_signed_heads select * from public.maestro_signed_heads`),
    ).rejects.toMatchObject(denied)
    await expect(asRole(sql, role, me, (tx) => tx`update public.maestro_signed_heads set seq = seq`)).rejects.toMatchObject(denied)
    await expect(asRole(sql, role, me, (tx) => tx`delete from public.maestro_signed_heads`)).rejects.toMatchObject(denied)
  }
  // Not even by the tables' owner, without taking the trigger off first.
  for (const change of [
    'update public.maestro_signed_heads set seq = seq',
    'delete from public.maestro_signed_heads',
    'truncate public.maestro_signed_heads',
  ])
    await expect(sql.unsafe(change)).rejects.toMatchObject(denied)
})

test('only the function’s own role keeps or looks up heads past a token', async () => {
  const me = { sub: 'principal-1', tenant: 'demo' }
  for (const role of ['anon', 'authenticated'] as const) {
    await expect(
      asRole(at.stack.sql, role, me, (tx) => tx`select public.maestro_show_heads('demo', 'principal-2', 'x', null)`),
    ).rejects.toMatchObject({
      code: '42501',
    })
    await expect(
      asRole(at.stack.sql, role, me, (tx) => tx`select public.maestro_keep_head('demo', 'principal-1', 'x', 'k', 1, '', '[]', 'h', 's', 'c')`),
    ).rejects.toMatchObject({ code: '42501' })
  }
  const shown = await asRole(
    at.stack.sql,
    'service_role',
    me,
    (tx) => tx`select public.maestro_show_heads('demo', 'principal-1', 'none', null) as said`,
  )
  expect(shown[0]?.['said']).toMatchObject({ through: 0, latest: null })
})

const ACTIONS: Actions = {
  'note.send': {
    version: 1,
    title: 'Send a note',
    params: v.strictObject({}),
    lane: { base: 'GREEN', because: 'a note' },
    effect: { kind: 'http', method: 'POST', url: '/notes', keyed: true },
  },
}

/** The worker's adapter talks to this stack, as the person that the token names. */
const overHttp = (token: string) =>
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const headers = new Headers(init.headers)
    if (headers.has('authorization')) headers.set('authorization', `Bearer ${token}`)
    return at.stack.handle(new Request(url, { ...init, headers }))
  })

/** A worker with the kit on a disk. */
async function worker(disk: MemoryDisk, { signer }: HeadDevice) {
  const world = createWorld(disk)
  withServer(world)
  const server = createSupabaseHeads('http://localhost:5173', null)
  Object.assign(world.ports, { kits: [createProofs({ server, signer, isByKey: isSignedBy, pinned: null })] })
  const runtime = boot(world, ACTIONS)
  await runtime.prepare()
  const run = async (name: string, args: object): Promise<Record<string, unknown>> => {
    const said = await runtime.kits[name]?.run(args, { gate: runtime.gate.view() })
    if (!said?.ok) throw new Error(said?.error.code ?? 'no command')
    return said.value as Record<string, unknown>
  }
  return { runtime, run }
}

test('REQ B-9: over the real functions one action is proven by one file and the published keys; a server set back is found (B-8)', async () => {
  overHttp(await at.stack.token({ sub: 'anna' }))
  const [disk, device] = [emptyDisk(), headDevice()]
  const first = await worker(disk, device)
  await signIn(first.runtime, 'anna')
  await ask(first.runtime, 'note.send', {}, 'note-1')
  await wake(first.runtime)
  expect(await first.run('heads', { refresh: true })).toMatchObject({ unsigned: 0, waiting: 0, refused: null })
  const { text } = await first.run('proof', { key: 'note-1' })
  const folder = await mkdtemp(join(tmpdir(), 'maestro-proof-'))
  await writeFile(join(folder, 'note-1.proof'), String(text))
  await writeFile(join(folder, 'maestro-keys.json'), JSON.stringify((await at.stack.call('GET', '/functions/v1/maestro-sync/keys')).body))
  const verified = await cli({ cwd: folder })('audit', 'verify', 'note-1.proof', '--tenant', 'demo', '--json')
  await rm(folder, { recursive: true })
  expect(verified).toMatchObject({ exit: 0, json: { intact: true, principal: 'anna', key: 'note-1' } })
  expect((verified.json['facts'] as { kind: string }[])[0]?.kind).toBe('admitted')

  const { sql } = at.stack
  await sql.unsafe('alter table public.maestro_signed_heads disable trigger user')
  await sql`delete from public.maestro_signed_heads where principal_id = 'anna'`
  await sql.unsafe('alter table public.maestro_signed_heads enable trigger user')
  const second = await worker(disk, device)
  expect(await second.run('heads', { refresh: true })).toMatchObject({ refused: { code: 'SERVER_ROLLED_BACK' } })
})
