import { expect, test } from 'vitest'
import { ok } from '../../src/base/result.ts'
import type { KillClaims } from '../../src/protocol/kill-document.ts'
import type { GateView } from '../../src/protocol/views.ts'
import { createWebCryptoKillVerifier } from '../../sw/adapters/webcrypto-kill-verifier.ts'
import { serveCall } from '../../sw/boot/serve-call.ts'
import { PROTOCOL } from '../../src/protocol/version.ts'
import { createKillswitch } from '../../sw/runtime/killswitch.ts'
import type { KillswitchParts } from '../../sw/runtime/killswitch.ts'
import type { Runtime } from '../../sw/runtime/runtime.ts'
import { isProven } from '../../supabase/functions/maestro-sync/device-key.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { deviceKey } from '../support/device-key.ts'
import { killDocument, newKillKey } from '../support/kill-documents.ts'
import { createWorld, emptyDisk } from '../support/memory-ports.ts'
import type { MemoryDisk, World } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { ask, boot, decide, look, signIn } from '../support/runtime-driver.ts'

const [stop, resume] = [newKillKey(), newKillKey()]

type Device = { readonly world: World; readonly runtime: Runtime; readonly mirrored: { value: unknown } }

/** A worker with the kit on a disk; another one on the same disk is the next life of it. */
const start = (
  disk: MemoryDisk = emptyDisk(),
  mirrored: { value: unknown } = { value: undefined },
  parts: Partial<KillswitchParts> = {},
): Omit<Device, 'runtime'> => {
  const world = createWorld(disk)
  const kit = createKillswitch({
    pinned: { stop: stop.publicKey, resume: resume.publicKey },
    release: null,
    acks: { send: async () => 'taken', register: async () => true },
    mirror: { load: async () => mirrored.value, save: async (value) => void (mirrored.value = structuredClone(value)) },
    signer: { publicKey: async () => 'k'.repeat(43), sign: async () => new Uint8Array(64) },
    verifier: createWebCryptoKillVerifier(),
    ...parts,
  })
  Object.assign(world.ports, { kits: [kit] })
  return { world, mirrored }
}

const device = async (...given: Parameters<typeof start>): Promise<Device> => {
  const { world, mirrored } = start(...given)
  const runtime = boot(world, ACTIONS)
  await runtime.prepare()
  return { world, runtime, mirrored }
}

const document = (key: typeof stop, version: number, action: KillClaims['action'], more: Partial<KillClaims> = {}) => ({
  document: killDocument(key, version, action, more),
})

const offer = async ({ runtime }: Device, given: object): Promise<GateView> => {
  await runtime.kits['kill.offer']?.run(given, { gate: runtime.gate.view() })
  return runtime.gate.view()
}

const said = ({ world }: Device): string => world.lines.join('\n')

test('a signed kill stops, an unsigned one does not, and only the resume key lets run again (REQ B-6)', async () => {
  const one = await device()
  one.world.ports.flags.fetchStatic = async () => ({ enabled: true })
  expect((await offer(one, { document: 'x.y.z' })).state).toBe('run')
  expect(said(one)).toContain('[MAESTRO] Kill document refused: malformed')
  expect((await offer(one, document(stop, 3, 'kill'))).state).toBe('kill')
  expect((await ask(one.runtime, 'mail', { to: 'a' }, 'k1')).status).toBe('disabled')
  expect((await offer(one, document(stop, 4, 'run'))).state).toBe('kill')
  expect((await offer(one, document(resume, 2, 'run'))).state).toBe('kill')
  expect((await offer(one, document(resume, 5, 'run'))).state).toBe('run')
  expect((await ask(one.runtime, 'mail', { to: 'a' }, 'k2')).status).toBe('queued')
})

test('with the kit an unsigned remote document is no word, and a build’s static flag still stops (REQ B-6, 0-1)', async () => {
  const given = start()
  Object.assign(given.world.ports.flags, {
    fetchDocument: async () => ({ version: 9, issued: '2026-01-01T00:00:00Z', expires: '2099-01-01T00:00:00Z', action: 'kill' }),
  })
  const runtime = boot(given.world, ACTIONS)
  await runtime.prepare()
  await runtime.gate.refresh()
  expect(runtime.gate.view()).toMatchObject({ state: 'run', version: 0 })
  Object.assign(given.world.ports.flags, { fetchStatic: async () => ({ enabled: false }) })
  await runtime.gate.refresh()
  expect(runtime.gate.view()).toMatchObject({ state: 'kill', cause: 'env' })
})

test('a missed leave to run comes along with the stop after it, which would else seem to loosen', async () => {
  const one = await device()
  await offer(one, document(stop, 3, 'kill'))
  expect((await offer(one, document(stop, 5, 'readonly'))).state).toBe('kill')
  expect((await offer(one, { ...document(stop, 5, 'readonly'), resumed: killDocument(resume, 4, 'run') })).state).toBe('readonly')
})

test('killed stays killed: after a restart, with one memory cleared or spoilt, offline, and after the document’s end (REQ 0-2, B-6)', async () => {
  const one = await device()
  await offer(one, document(stop, 3, 'kill', { expires: '2027-02-01T00:00:00Z', reason: 'drill' }))
  const { disk } = one.world
  for (const [what, next] of [
    ['both', [{ ...disk }, { ...one.mirrored }]],
    ['Cache Storage cleared', [{ ...disk, gate: undefined }, { ...one.mirrored }]],
    ['the database deleted', [{ ...disk }, { value: undefined }]],
    [
      'Cache Storage spoilt',
      [{ ...disk, gate: { document: { action: 'run', kill: { jws: 'a.b.c', received: 1, effective: 1 } }, envOff: false } }, { ...one.mirrored }],
    ],
    [
      'an older leave to run written over it',
      [
        { ...disk, gate: { document: { action: 'run', kill: { jws: killDocument(resume, 2, 'run'), received: 1, effective: 1 } }, envOff: false } },
        { ...one.mirrored },
      ],
    ],
  ] as const) {
    const { world } = start(...(next as unknown as Parameters<typeof start>))
    world.online = false
    world.now = Date.parse('2099-06-01T00:00:00Z')
    const runtime = boot(world, ACTIONS)
    await runtime.prepare()
    expect(runtime.gate.view(), what).toMatchObject({ state: 'kill', cause: 'remote', version: 3, reason: 'drill' })
    expect((await ask(runtime, 'mail', { to: 'a' }, 'k1')).status, what).toBe('disabled')
  }
})

test('a stop from before the kit, or by keys that are pinned no more, goes on until a signed word comes (REQ 0-2)', async () => {
  const plain = { version: 40, issued: '2026-01-01T00:00:00Z', expires: '2099-01-01T00:00:00Z', action: 'kill' }
  const byOldKeys = { ...plain, kill: { jws: killDocument(newKillKey(), 40, 'kill'), received: 1, effective: 1 } }
  for (const document of [plain, byOldKeys]) {
    const one = await device({ ...emptyDisk(), gate: { document, envOff: false } })
    expect(one.runtime.gate.view().state).toBe('kill')
    await offer(one, { document: killDocument(resume, 41, 'run') })
    expect(one.runtime.gate.view()).toMatchObject({ state: 'run', version: 41 })
  }
  const ran = await device({ ...emptyDisk(), gate: { document: { ...plain, action: 'run' }, envOff: false } })
  expect(ran.runtime.gate.view()).toMatchObject({ state: 'run', version: 0 })
  expect(ran.runtime.gate.isRunFresh()).toBe(false)
})

test.each([
  ['Cache Storage holds junk', { gate: 'junk' }, {}],
  ['what it holds is junk beside a signed stop', { gate: { document: { action: 'run', version: 9, kill: 7 }, envOff: false } }, 'kept'],
  ['Cache Storage cannot be asked', 'rejects', {}],
  ['Cache Storage was cleared and the other memory is junk', { gate: undefined }, { value: 'junk' }],
] as const)('where %s, a stop may have been given: nothing runs until a signed document comes (law 7)', async (_what, disk, mirror) => {
  const one = await device()
  await offer(one, document(stop, 3, 'kill'))
  const mirrored = mirror === 'kept' ? one.mirrored : { value: undefined, ...mirror }
  const given = start({ ...one.world.disk, ...(disk === 'rejects' ? {} : disk) } as MemoryDisk, mirrored)
  if (disk === 'rejects') given.world.ports.gateStore.load = () => Promise.reject(new DOMException('gone', 'UnknownError'))
  const next = { ...given, runtime: boot(given.world, ACTIONS) }
  await next.runtime.prepare()
  expect(next.runtime.gate.view().state).toBe(mirror === 'kept' ? 'kill' : 'readonly')
  await offer(next, document(resume, 4, 'run'))
  expect(next.runtime.gate.view()).toMatchObject({ state: 'run', version: 4 })
})

test('leave to run holds when it is stored; a stop holds also where nothing can be stored, and nothing rejects (law 7)', async () => {
  const one = await device()
  await offer(one, document(resume, 1, 'run'))
  const given = start(structuredClone({ ...one.world.disk, gate: one.world.disk.gate }))
  const full = async (): Promise<void> => Promise.reject(new DOMException('full', 'QuotaExceededError'))
  given.world.ports.gateStore.save = full
  const two = { ...given, runtime: boot(given.world, ACTIONS) }
  await two.runtime.prepare()
  expect((await offer(two, document(stop, 2, 'kill'))).state).toBe('kill')
  expect((await offer(two, document(resume, 3, 'run'))).state).toBe('kill')
  expect((await ask(two.runtime, 'mail', { to: 'a' }, 'k1')).status).toBe('disabled')
})

test('a stop for some holds their work, and nobody else’s; it is taken up again where it was (REQ 0-2, 2-23, law 7)', async () => {
  const one = await device()
  await offer(one, document(resume, 1, 'run'))
  one.world.online = false
  await ask(one.runtime, 'mail', { to: 'a' }, 'mail-1')
  await ask(one.runtime, 'fax', { to: 'a' }, 'fax-1')
  expect((await offer(one, document(stop, 2, 'kill', { scopes: [{ action: 'mail' }] }))).state).toBe('run')
  one.world.online = true
  let slept = 0
  const sleep = one.world.ports.clock.sleep
  Object.assign(one.world.ports.clock, { sleep: (...args: Parameters<typeof sleep>) => ((slept += 1), sleep(...args)) })
  await one.runtime.pump.drain({ isNetworkBack: true })
  expect(slept).toBeLessThan(5)
  expect(one.world.sent.map(({ key }) => key)).toEqual(['fax-1'])
  expect(await look(one.runtime, 'mail-1')).toMatchObject({ status: 'held', waitingFor: 'gate' })
  expect((await ask(one.runtime, 'mail', { to: 'b' }, 'mail-2')).status).toBe('disabled')
  expect((await ask(one.runtime, 'note', { text: 'x' }, 'note-1')).status).toBe('done')
  await offer(one, document(resume, 3, 'run'))
  await one.runtime.pump.drain({ isNetworkBack: true })
  expect(one.world.sent.map(({ key }) => key)).toEqual(['fax-1', 'mail-1'])
  expect((await look(one.runtime, 'mail-1'))?.status).toBe('done')
})

test('an effect under way when its stop comes is recorded, and the next one waits (law 7)', async () => {
  const one = await device()
  await offer(one, document(resume, 1, 'run'))
  let finish: (() => void) | undefined
  one.world.answer = () => new Promise((resolve) => (finish = () => resolve({ kind: 'answer', status: 200, body: { done: true } })))
  await ask(one.runtime, 'mail', { to: 'a' }, 'first')
  const draining = one.runtime.pump.drain()
  while (finish === undefined) await new Promise((resolve) => setTimeout(resolve, 1))
  await offer(one, document(stop, 2, 'kill', { scopes: [{ action: 'mail' }] }))
  finish()
  await draining
  expect(await look(one.runtime, 'first')).toMatchObject({ status: 'done', result: { done: true } })
})

test('everything RED: what would have run by itself asks, from the next intent on, and says why', async () => {
  const one = await device()
  await offer(one, document(resume, 1, 'run'))
  expect((await ask(one.runtime, 'mail', { to: 'a' }, 'before')).lane).toBe('GREEN')
  await offer(one, document(stop, 2, 'run', { raise: 'RED', reason: 'phishing wave' }))
  expect(await ask(one.runtime, 'mail', { to: 'a' }, 'after')).toMatchObject({
    status: 'awaiting-approval',
    lane: 'RED',
    reasons: ['raised by the operator: phishing wave'],
  })
  await decide(one.runtime, 'after', 'approve')
  await one.runtime.pump.drain()
  expect((await look(one.runtime, 'after'))?.status).toBe('done')
})

test('who is not rolled out is off, and on again when the percentage reaches them (REQ 1-52)', async () => {
  const one = await device()
  const rollout = (version: number, percent: number) => offer(one, document(resume, version, 'run', { rollout: { percent, salt: 's' } }))
  await rollout(1, 0)
  expect((await ask(one.runtime, 'mail', { to: 'a' }, 'k1')).status).toBe('disabled')
  await rollout(2, 100)
  expect((await ask(one.runtime, 'mail', { to: 'a' }, 'k2')).status).toBe('queued')
})

test('a document for a range of builds stops those builds (REQ 1-53)', async () => {
  const bad = document(stop, 2, 'safe-worker', { scopes: [{ release: { min: '1.2', max: '1.4.0' } }] })
  for (const [release, state] of [
    ['1.1.9', 'run'],
    ['1.2.0', 'safe-worker'],
    ['1.4', 'safe-worker'],
    ['1.4.1', 'run'],
    [null, 'safe-worker'],
  ] as const)
    expect((await offer(await device(undefined, undefined, { release }), bad)).state, String(release)).toBe(state)
})

test('a device proves what it has put in force, registers its key when it must and may, and says nothing it cannot sign (REQ B-7)', async () => {
  const sent: string[] = []
  const registered: string[] = []
  const parts: Partial<KillswitchParts> = {
    acks: {
      send: async (statement) => (sent.push(statement), registered.length === 0 ? 'device-unknown' : 'taken'),
      register: async (id) => (registered.push(id), true),
    },
  }
  const one = await device(undefined, undefined, parts)
  const acknowledge = async () => (await one.runtime.kits['kill.acknowledge']?.run({}, { gate: one.runtime.gate.view() })) ?? ok(null)
  expect(await acknowledge()).toMatchObject({ value: { outcome: 'nothing' } })
  one.world.disk.secrets.set(
    'device-id',
    Uint8Array.from({ length: 16 }, (_, i) => i),
  )
  await offer(one, document(stop, 2, 'kill'))
  expect(await acknowledge()).toMatchObject({ value: { version: 2, outcome: 'refused' } })
  expect(registered).toEqual([])
  const claims = JSON.parse(Buffer.from(sent[0]?.split('.')[1] ?? '', 'base64url').toString()) as object
  expect(claims).toEqual({
    v: 1,
    kind: 'kill.applied',
    tenant: 'local',
    device: '000102030405060708090a0b0c0d0e0f',
    version: 2,
    state: 'kill',
    received: expect.any(Number),
    effective: expect.any(Number),
  })
})

test('a key that the server does not know is registered with its own word for whose it is, and then the statement is sent again', async () => {
  const made = deviceKey()
  const registered: [string, string, string, string][] = []
  const given = start(undefined, undefined, {
    signer: made.signer,
    acks: {
      send: async () => (registered.length === 0 ? 'device-unknown' : 'taken'),
      register: async (...said) => (registered.push(said), true),
    },
  })
  withServer(given.world)
  const runtime = boot(given.world, ACTIONS)
  await runtime.prepare()
  await signIn(runtime, 'anna')
  given.world.disk.secrets.set('device-id', new Uint8Array(16))
  await offer({ ...given, runtime }, document(stop, 2, 'readonly'))
  const told = await runtime.kits['kill.acknowledge']?.run({}, { gate: runtime.gate.view() })
  expect(told).toMatchObject({ value: { outcome: 'taken' } })
  const [device, key, token, proof] = registered[0] ?? ['', '', '', '']
  expect([registered.length, key, token]).toEqual([1, made.key, 'a-anna'])
  const anna = { tenant: 'demo', principal: 'sub-anna', account: 'anna', user: 'anna' }
  expect(await isProven(anna, { device_id: device, public_key: key, proof })).toBe(true)
  expect(await isProven({ ...anna, account: 'ben' }, { device_id: device, public_key: key, proof })).toBe(false)
})

const call = async ({ runtime }: Device, name: string): Promise<unknown> => {
  let said: { value?: { error?: { code?: string } } } = {}
  const message = { id: '1', type: 'APPLY', path: [name], argumentList: [{ type: 'RAW', value: name === 'outbox' ? { limit: 1 } : {} }] }
  await serveCall(message, PROTOCOL, { gate: runtime.gate.view() }, runtime, async (answer) => void (said = answer as typeof said))
  return said.value?.error?.code ?? 'answered'
}

test.each([
  ['readonly', { mail: 'refused', note: 'done', waiting: 'held', outbox: 'answered' }],
  ['drain', { mail: 'refused', note: 'refused', waiting: 'done', outbox: 'answered' }],
  ['kill', { mail: 'disabled', note: 'disabled', waiting: 'held', outbox: 'answered' }],
  ['safe-worker', { mail: 'disabled', note: 'disabled', waiting: 'held', outbox: 'DISABLED' }],
] as const)(
  '%s does what the table says: new work, waiting work, other commands; and all of it comes back (REQ 0-2, 1-53, 2-22)',
  async (action, does) => {
    const one = await device()
    await offer(one, document(resume, 1, 'run'))
    one.world.online = false
    await ask(one.runtime, 'mail', { to: 'a' }, 'waiting')
    await one.runtime.pump.idle()
    one.world.online = true
    await offer(one, document(stop, 2, action))
    await one.runtime.pump.drain({ isNetworkBack: true })
    expect((await look(one.runtime, 'waiting'))?.status).toBe(does.waiting)
    expect((await ask(one.runtime, 'mail', { to: 'b' }, 'mail')).status).toBe(does.mail)
    expect((await ask(one.runtime, 'note', { text: 'x' }, 'note')).status).toBe(does.note)
    expect(await call(one, 'outbox')).toBe(does.outbox)
    expect([await call(one, 'health'), await call(one, 'refreshGate'), await call(one, 'snapshot')]).toEqual(['answered', 'answered', 'answered'])
    await offer(one, document(resume, 3, 'run'))
    await one.runtime.pump.drain({ isNetworkBack: true })
    expect((await look(one.runtime, 'waiting'))?.status).toBe('done')
    expect((await ask(one.runtime, 'mail', { to: 'b' }, 'mail')).status).toBe('queued')
    await one.runtime.pump.drain()
    expect(one.world.sent.map(({ key }) => key).toSorted()).toEqual(['mail', 'waiting'])
  },
)
