import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { chain, GENESIS, type AuditEntry } from '../../src/audit/entry.ts'
import type { ServerKey } from '../../src/audit/signed-head.ts'
import { verifyProof } from '../../src/audit/verify-proof.ts'
import { utf8ToBytes } from '../../src/base/bytes.ts'
import * as v from '../../src/protocol/schema.ts'
import type { SigningKey } from '../../supabase/functions/_shared/signing-key.ts'
import { webCryptoSignatures } from '../../sw/adapters/webcrypto-signatures.ts'
import type { Actions } from '../../sw/ports/action.ts'
import { createProofs, type HeadsView, type ProofAnswer } from '../../sw/runtime/proofs.ts'
import type { Runtime } from '../../sw/runtime/runtime.ts'
import { eventually } from '../support/eventually.ts'
import { memoryHeads, type MemoryHeads } from '../support/head-server.ts'
import { createWorld, emptyDisk, type MemoryDisk, type World } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { ask, boot, signIn, wake } from '../support/runtime-driver.ts'
import { headDevice, keysOf, serverKey, witness, type HeadDevice } from '../support/signed-heads.ts'

const ACTIONS: Actions = {
  'note.send': {
    version: 1,
    title: 'Send a note',
    params: v.strictObject({ text: v.string() }),
    lane: { base: 'GREEN', because: 'a note' },
    effect: { kind: 'http', method: 'POST', url: '/notes', keyed: true },
  },
}

const { isByKey } = webCryptoSignatures
let key: SigningKey
let heads: MemoryHeads
let device: HeadDevice
let disk: MemoryDisk
let world: World
let runtime: Runtime

/** Another worker on what is on the disk. */
async function start(pinned: readonly ServerKey[] | null = null): Promise<void> {
  world = createWorld(disk)
  withServer(world)
  const kit = createProofs({ server: heads, signer: device.signer, isByKey, pinned })
  Object.assign(world.ports, { kits: [kit] })
  runtime = boot(world, ACTIONS)
  await runtime.prepare()
  await signIn(runtime, 'anna')
}

const run = async <T>(name: string, args: object): Promise<T> => {
  const said = await runtime.kits[name]?.run(args, { gate: runtime.gate.view() })
  if (!said?.ok) throw new Error(said?.error.code ?? 'no command')
  return said.value as T
}
const look = (refresh = true) => run<HeadsView>('heads', { refresh })
const prove = (name: string) => run<ProofAnswer>('proof', { key: name })

const note = async (name: string): Promise<void> => {
  await ask(runtime, 'note.send', { text: name }, name)
  await wake(runtime)
}

beforeEach(async () => {
  key = await serverKey()
  heads = memoryHeads(key)
  device = headDevice()
  disk = emptyDisk()
  await start()
})

test('after a commit the chain’s head is signed and counter-signed without being asked for', async () => {
  await note('a')
  await eventually('everything is promised', async () => (({ unsigned, promised }) => unsigned === 0 && promised !== null)(await look(false)))
  const { head, promised } = await look(false)
  expect(head.seq).toBeGreaterThan(1)
  expect(promised).toMatchObject({ seq: head.seq, hash: head.hash })
})

test('REQ B-9: one action is proven by one small file, and by the server’s keys alone', async () => {
  await note('before')
  await note('mine')
  await note('after')
  const answer = await prove('mine')
  if (answer.status !== 'signed') throw new Error('unsigned')
  expect(answer).toMatchObject({ complete: true, bytes: utf8ToBytes(answer.text).length })
  expect(answer.bytes).toBeLessThan(8_192)
  const said = await verifyProof(utf8ToBytes(answer.text), keysOf(key), isByKey)
  expect(said).toMatchObject({ ok: true, value: { tenant: 'demo', principal: 'anna', key: 'mine' } })
  expect(said.ok && said.value.facts.map(({ kind }) => kind)).toEqual(answer.kinds)
  expect(answer.kinds).toContain('admitted')
  expect(await runtime.kits['proof']?.run({ key: 'nothing' }, { gate: runtime.gate.view() })).toMatchObject({
    ok: false,
    error: { code: 'RECEIPT_UNKNOWN' },
  })
})

test('offline a tail is signed and waits; until the server has counter-signed there is no proof', async () => {
  heads.isAway = true
  await note('a')
  expect(await look()).toMatchObject({ unsigned: 0, waiting: 1, promised: null, refused: null })
  expect(await prove('a')).toEqual({ status: 'unsigned' })
  heads.isAway = false
  expect(await look()).toMatchObject({ unsigned: 0, waiting: 0 })
  expect(await prove('a')).toMatchObject({ status: 'signed' })
})

test('a tail that a stopped worker left unsigned is shown as unsigned and signed at the next start', async () => {
  await note('a')
  // Whatever was due has begun by then, and the next look waits for it.
  await sleep(20)
  const { head } = await look()
  disk.entries.push(chain(disk.head, { at: 1, kind: 'admitted', receipt: 'r', digest: 'd' }))
  disk.head = disk.entries.at(-1) as AuditEntry
  expect(await look(false)).toMatchObject({ unsigned: 1, promised: { seq: head.seq } })
  await start()
  await eventually('the tail is promised', async () => (await look(false)).promised?.seq === head.seq + 1)
  expect(await look(false)).toMatchObject({ unsigned: 0, waiting: 0, refused: null })
})

/** The chain with one entry changed and every hash after it made anew, as whoever holds the disk could. */
const rewrite = (at: number): void => {
  let end = GENESIS
  disk.entries = disk.entries.map((entry, i) => {
    const next = chain(end, i === at ? { ...entry, kind: 'denied' } : entry)
    end = next
    return next
  })
  disk.head = { seq: end.seq, hash: end.hash }
}

const rollBack = (by: number): void => {
  disk.entries = disk.entries.slice(0, -by)
  const last = disk.entries.at(-1) ?? GENESIS
  disk.head = { seq: last.seq, hash: last.hash }
}

test('REQ B-8: a device chain that was rewritten, rolled back or broken is refused by name and not signed', async () => {
  await note('a')
  await note('b')
  const { promised } = await look()
  const kept = { entries: [...disk.entries], head: disk.head }
  const sent = heads.sent.length
  const cases = [
    ['CHAIN_REWRITTEN', () => rewrite(1)],
    ['CHAIN_ROLLED_BACK', () => rollBack(2)],
    [
      'CHAIN_BROKEN',
      () => {
        disk.entries.push({ ...chain(disk.head, { at: 1, kind: 'done', receipt: 'r', digest: 'd' }), kind: 'denied' })
        disk.head = disk.entries.at(-1) as AuditEntry
      },
    ],
  ] as const
  for (const [code, harm] of cases) {
    Object.assign(disk, { entries: [...kept.entries], head: kept.head })
    harm()
    expect(await look()).toMatchObject({ refused: { code }, promised })
    expect(world.lines.some((line) => line.includes(code))).toBe(true)
  }
  expect(heads.sent.length).toBe(sent)
  Object.assign(disk, kept)
  expect(await look()).toMatchObject({ refused: null })
})

test('REQ B-8: a server that shows an older, another or no head than it promised is refused by name, across restarts, until it keeps its word', async () => {
  await note('a')
  await look()
  await note('b')
  const { device: name, promised } = await look()
  const truth = { heads: heads.heads.get(name) ?? [], entries: heads.entries.get(name) ?? [] }
  expect(truth.heads.length).toBeGreaterThan(1)
  const other = { seq: promised?.seq ?? 0, hash: 'e'.repeat(64) }
  const statement = device.head({ tenant: 'demo', principal: 'anna', device: name, ...other, at: 1 })
  const rewritten = await witness(key, statement, { tenant: 'demo', principal: 'anna', device: name, ...other, key: device.key })
  const stranger = await serverKey()
  const forged = await witness(stranger, statement, { tenant: 'demo', principal: 'anna', device: name, ...other, key: device.key })
  const cases = [
    ['SERVER_ROLLED_BACK', () => heads.heads.set(name, truth.heads.slice(0, 1))],
    ['SERVER_ROLLED_BACK', () => heads.heads.delete(name)],
    ['SERVER_ROLLED_BACK', () => heads.entries.set(name, truth.entries.slice(0, 1))],
    ['SERVER_REWRITTEN', () => (heads.lie = () => rewritten)],
    ['SERVER_FORGED', () => (heads.lie = () => forged)],
  ] as const
  for (const [code, harm] of cases) {
    harm()
    await start()
    const sent = heads.sent.length
    expect(await look()).toMatchObject({ refused: { code }, promised })
    expect(world.lines.some((line) => line.includes(code))).toBe(true)
    await start()
    expect(await look(false)).toMatchObject({ refused: { code } })
    expect(heads.sent.length).toBe(sent)
    heads.lie = null
    heads.heads.set(name, truth.heads)
    heads.entries.set(name, truth.entries)
    expect(await look()).toMatchObject({ refused: null, promised })
  }
})

test('an answer that is not what was sent is no promise', async () => {
  await note('a')
  await look()
  const { device: name } = await look()
  const [first] = heads.heads.get(name) ?? []
  await note('b')
  heads.lie = () => first?.signed ?? { head: '', seen: '', certificate: '' }
  expect(await look()).toMatchObject({ refused: { code: 'SERVER_FORGED' }, promised: { seq: first?.seq } })
  heads.lie = null
  expect(await look()).toMatchObject({ refused: null, waiting: 0 })
})

test('a device that was struck off, and one whose name has another chain at the server, is told so', async () => {
  const { device: name } = await look(false)
  heads.struckOff.add(name)
  await note('a')
  expect(await look()).toMatchObject({ refused: { code: 'DEVICE_REFUSED' }, promised: null })
  heads.struckOff.clear()
  heads.entries.set(name, [chain(GENESIS, { at: 1, kind: 'admitted', receipt: 'another', digest: 'd' })])
  expect(await look()).toMatchObject({ refused: { code: 'HEAD_FORK' }, promised: null })
  // Under a new name the same chain goes on.
  disk.secrets.set('device-id', new Uint8Array(16).fill(7))
  expect(await look()).toMatchObject({ device: '07'.repeat(16), refused: null, waiting: 0 })
  expect(await prove('a')).toMatchObject({ status: 'signed' })
})

test('of two workers the one that knows less takes over what the other was promised', async () => {
  await note('a')
  await look()
  const owner = [...disk.secrets.keys()].find((name) => name.startsWith('proofs/')) ?? ''
  const old = disk.secrets.get(owner) ?? new Uint8Array()
  heads.isAway = true
  await note('b')
  await look()
  const waiting = disk.secrets.get(owner) ?? new Uint8Array()
  heads.isAway = false
  await note('c')
  const { promised } = await look()
  for (const stale of [old, waiting]) {
    disk.secrets.set(owner, stale)
    expect(await look()).toMatchObject({ promised, waiting: 0, unsigned: 0, refused: null })
  }
})

/** Another server that has everything of this one but its key. */
const usurp = async (): Promise<void> => {
  const other = memoryHeads(await serverKey())
  heads = Object.assign(other, { heads: heads.heads, entries: heads.entries, registered: heads.registered })
}

test('with keys built in no other server can stand in for this one', async () => {
  await start(keysOf(key))
  await note('a')
  expect(await look()).toMatchObject({ waiting: 0, refused: null })
  await usurp()
  await start(keysOf(key))
  await note('b')
  expect(await look()).toMatchObject({ refused: { code: 'SERVER_FORGED' } })
})

test('without keys built in a key that the server shows later is taken, and told', async () => {
  await note('a')
  expect(await look()).toMatchObject({ waiting: 0, refused: null })
  await usurp()
  await start()
  await note('b')
  expect(await look()).toMatchObject({ waiting: 0, refused: null })
  expect(world.lines).toContain('[MAESTRO] Audit: the server signs with a new key')
  // What the former key signed stays a proof.
  expect(await prove('a')).toMatchObject({ status: 'signed' })
})

test('a burst is signed often and sent seldom', async () => {
  await note('a')
  await eventually('the first head is promised', async () => (await look(false)).promised !== null)
  const sent = heads.sent.length
  world.ports.clock.sleep = () => sleep(1)
  for (let i = 0; i < 5; i++) await note(`n${i}`)
  await eventually('all is signed', async () => (await look(false)).unsigned === 0)
  expect(heads.sent.length).toBe(sent)
  expect(await look(false)).toMatchObject({ waiting: 1 })
  world.elapsed += 60_000
  await eventually('all is promised', async () => (await look(false)).waiting === 0)
})

test('what was kept here can be lost: the server’s promises are learned anew', async () => {
  await note('a')
  const { promised } = await look()
  for (const name of disk.secrets.keys()) if (name.startsWith('proofs/')) disk.secrets.delete(name)
  await start()
  expect(await look()).toMatchObject({ promised, waiting: 0, refused: null })
  expect(await prove('a')).toMatchObject({ status: 'signed' })
})

test('an old action is proven by the head that the server kept where this device has let it go', async () => {
  for (let i = 0; i < 3; i++) {
    await note(`n${i}`)
    await look()
  }
  const near = await prove('n0')
  const owner = [...disk.secrets.keys()].find((name) => name.startsWith('proofs/')) ?? ''
  disk.secrets.delete(owner)
  await start()
  await look()
  expect(await prove('n0')).toMatchObject({ status: 'signed', text: near.status === 'signed' ? near.text : '' })
  // Without a server the way to the newest head is longer, and proves the same.
  heads.isAway = true
  const far = await prove('n0')
  expect(far).toMatchObject({ status: 'signed', kinds: near.status === 'signed' ? near.kinds : [] })
  expect(far.status === 'signed' && near.status === 'signed' && far.entries > near.entries).toBe(true)
})

test('a long chain that was never signed is signed in steps that keep every proof small', async () => {
  for (let i = 0; i < 700; i++)
    disk.entries.push(chain(disk.entries.at(-1) ?? GENESIS, { at: i, kind: 'admitted', receipt: `r${i}`, digest: 'd'.repeat(64) }))
  disk.head = disk.entries.at(-1) as AuditEntry
  const { device: name } = await look()
  const steps = (heads.heads.get(name) ?? []).map(({ seq }) => seq)
  expect(steps.at(-1)).toBe(700)
  expect(steps.every((seq, i) => seq - (steps[i - 1] ?? 0) <= 256)).toBe(true)
})
