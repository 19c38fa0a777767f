import { expect, test } from 'vitest'
import { verifyChain } from '../../src/audit/verify.ts'
import type { ReceiptView } from '../../src/protocol/views.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { HttpOutcome } from '../../sw/ports/http-effect.ts'
import { createRuntime, type Runtime } from '../../sw/runtime/runtime.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld, type World } from '../support/memory-ports.ts'

const boot = (world: World, isBuiltOn = true): Runtime =>
  createRuntime(world.ports, { boot: world.ports.random.hex(8), actions: ACTIONS, directories: {}, origin: 'http://localhost', isBuiltOn })

const ask = async (runtime: Runtime, action: string, params: unknown, key: unknown = 'k1', extra: Record<string, unknown> = {}) => {
  await runtime.prepare()
  const answer = await runtime.commands.execute({ action, params, key, ...extra }, { gate: runtime.gate.view() })
  if (!answer.ok) throw new Error(answer.error.code)
  return answer.value as { receipt: ReceiptView; idempotent: boolean }
}

const look = async (runtime: Runtime, key = 'k1'): Promise<ReceiptView | null> => {
  const answer = await runtime.commands.lookup({ key }, { gate: runtime.gate.view() })
  return answer.ok ? (answer.value as ReceiptView | null) : null
}

const decide = async (runtime: Runtime, verdict: 'approve' | 'deny', digest?: string) => {
  const { id, digest: real } = (await look(runtime)) as ReceiptView
  return runtime.commands.decide({ id, digest: digest ?? real, verdict }, { gate: runtime.gate.view() })
}

const document = (version: number, action: string) => ({ version, issued: '2026-01-01T00:00:00Z', expires: '2099-01-01T00:00:00Z', action })

const keysSent = (world: World): string[] => world.sent.map(({ key }) => key)

test('an effect runs once, with the key of the intent, and its result is the receipt’s (laws 4, 5)', async () => {
  const world = createWorld()
  const runtime = boot(world)
  expect((await ask(runtime, 'mail', { to: 'a' })).receipt.status).toBe('queued')
  await runtime.pump.drain()
  expect(await look(runtime)).toMatchObject({ status: 'done', result: { done: true } })
  expect(keysSent(world)).toEqual(['k1'])
  expect(verifyChain(world.disk.entries, world.disk.head).intact).toBe(true)
  expect(world.disk.entries.map(({ kind }) => kind)).toEqual(['admitted', 'leased', 'done', 'synced'])
})

test('the same key joins, other parameters are refused, and neither sends anything again (REQ 1-26, 1-27)', async () => {
  const world = createWorld()
  const runtime = boot(world)
  const all = await Promise.all([1, 2, 3].map(() => ask(runtime, 'mail', { to: 'a' })))
  await runtime.pump.drain()
  expect(all.map(({ idempotent }) => idempotent).toSorted()).toEqual([false, true, true])
  expect(await ask(runtime, 'mail', { to: 'a' })).toMatchObject({ idempotent: true, receipt: { status: 'done', result: { done: true } } })
  expect(await ask(runtime, 'mail', { to: 'b' })).toMatchObject({ receipt: { status: 'refused', failure: { code: 'KEY_REUSED' } } })
  expect(keysSent(world)).toEqual(['k1'])
  expect(await look(runtime)).toMatchObject({ status: 'done' })
})

test('a worker that dies while the request is under way sends it again with the same key, never with another (laws 4, 5)', async () => {
  const world = createWorld()
  world.answer = () => new Promise<HttpOutcome>(() => undefined)
  const dying = boot(world)
  await ask(dying, 'mail', { to: 'a' })
  await expect.poll(() => world.sent.length).toBe(1)
  const next = createWorld(world.disk)
  const reborn = boot(next)
  await reborn.prepare()
  await reborn.pump.drain()
  expect(keysSent(next)).toEqual(['k1'])
  expect(await look(reborn)).toMatchObject({ status: 'done', attempts: 2 })
})

test('where no key protects, a lost answer and a dead worker both become unknown, and nothing is sent again', async () => {
  const world = createWorld()
  world.answer = () => ({ kind: 'lost' })
  const runtime = boot(world)
  await ask(runtime, 'fax', { to: 'a' })
  await runtime.pump.drain()
  expect(await look(runtime)).toMatchObject({ status: 'unknown', failure: { code: 'OUTCOME_UNKNOWN', retry: 'ask-ledger' } })
  await boot(createWorld(world.disk)).pump.drain()
  expect(world.sent).toHaveLength(1)

  const dying = createWorld()
  dying.answer = () => new Promise<HttpOutcome>(() => undefined)
  await ask(boot(dying), 'fax', { to: 'a' })
  await expect.poll(() => dying.sent.length).toBe(1)
  const next = createWorld(dying.disk)
  const reborn = boot(next)
  await reborn.prepare()
  await reborn.pump.drain()
  expect(next.sent).toHaveLength(0)
  expect((await look(reborn))?.status).toBe('unknown')
})

test('offline is not an attempt: nothing is sent, nothing is counted, and it runs when the network is back (law 12)', async () => {
  const world = createWorld()
  world.online = false
  const runtime = boot(world)
  await ask(runtime, 'mail', { to: 'a' })
  await runtime.pump.drain()
  expect(await look(runtime)).toMatchObject({ status: 'queued', waitingFor: 'network', attempts: 0 })
  expect(world.sent).toHaveLength(0)
  world.online = true
  await runtime.pump.drain({ isNetworkBack: true })
  expect(await look(runtime)).toMatchObject({ status: 'done', attempts: 1 })
})

test('a back end that fails for good leaves a dead letter with its reason, which a person can retry', async () => {
  const world = createWorld()
  world.answer = () => ({ kind: 'answer', status: 500, body: {} })
  const runtime = boot(world)
  await ask(runtime, 'mail', { to: 'a' })
  for (let i = 0; i < 40 && (await look(runtime))?.status !== 'dead'; i++) {
    world.now += LIMITS.backoffCapMs
    await runtime.pump.drain()
  }
  expect(await look(runtime)).toMatchObject({ status: 'dead', failure: { code: 'EFFECT_EXHAUSTED' }, attempts: LIMITS.attemptsMax })
  world.answer = () => ({ kind: 'answer', status: 200, body: 'late' })
  expect(await runtime.commands.retry({ key: 'k1' }, { gate: runtime.gate.view() })).toMatchObject({ ok: true })
  await runtime.pump.drain()
  expect(await look(runtime)).toMatchObject({ status: 'done', result: 'late' })
  expect(new Set(keysSent(world))).toEqual(new Set(['k1']))
})

test('RED waits for a person through a restart; approved it runs once, denied it never runs (REQ 1-38)', async () => {
  const world = createWorld()
  expect((await ask(boot(world), 'pay', { amount: '5' })).receipt.status).toBe('awaiting-approval')
  const reborn = boot(world)
  await reborn.prepare()
  await reborn.pump.drain()
  expect(world.sent).toHaveLength(0)
  expect(await decide(reborn, 'approve', '0'.repeat(64))).toMatchObject({ ok: false, error: { code: 'APPROVAL_CHANGED' } })
  expect(await decide(reborn, 'approve')).toMatchObject({ ok: true })
  expect(await decide(reborn, 'approve')).toMatchObject({ ok: true })
  expect(await decide(reborn, 'deny')).toMatchObject({ ok: false, error: { code: 'APPROVAL_GONE' } })
  await reborn.pump.drain()
  expect(keysSent(world)).toEqual(['k1'])

  const denied = createWorld()
  const runtime = boot(denied)
  await ask(runtime, 'pay', { amount: '5' })
  await decide(runtime, 'deny')
  await runtime.pump.drain()
  expect(await look(runtime)).toMatchObject({ status: 'denied', failure: { code: 'DENIED' } })
  expect(await decide(runtime, 'approve')).toMatchObject({ ok: false })
  expect(denied.sent).toHaveLength(0)
})

test('an approval nobody gave in time expires, typed as expiry and not as a denial', async () => {
  const world = createWorld()
  const runtime = boot(world)
  await ask(runtime, 'pay', { amount: '5' })
  world.now += LIMITS.approvalTtlMs + 1
  await runtime.pump.drain()
  expect(await look(runtime)).toMatchObject({ status: 'expired', failure: { code: 'EXPIRED' } })
})

test('an undo window holds the effect until it ends, and a cancel inside it wins (trap 40)', async () => {
  const world = createWorld()
  world.online = false
  const runtime = boot(world)
  expect((await ask(runtime, 'invite', { to: 'a' })).receipt).toMatchObject({ status: 'queued', lane: 'YELLOW' })
  expect(await runtime.commands.cancel({ key: 'k1' }, { gate: runtime.gate.view() })).toEqual({ ok: true, value: true })
  world.online = true
  world.now += 60_000
  await runtime.pump.drain()
  expect(world.sent).toHaveLength(0)
  expect(await runtime.commands.cancel({ key: 'nobody' }, { gate: runtime.gate.view() })).toMatchObject({
    ok: false,
    error: { code: 'RECEIPT_UNKNOWN' },
  })
})

test('every refusal before admission has its code, spends no key and stores nothing (laws 8, 11)', async () => {
  const world = createWorld()
  const runtime = boot(world)
  const cases: [string, unknown, unknown, Record<string, unknown>, string][] = [
    ['nope', {}, 'k1', {}, 'ACTION_UNKNOWN'],
    ['__proto__', {}, 'k1', {}, 'ACTION_UNKNOWN'],
    ['toString', {}, 'k1', {}, 'ACTION_UNKNOWN'],
    ['note', { text: 5 }, 'k1', {}, 'PARAMS_INVALID'],
    ['note', 'text', 'k1', {}, 'PARAMS_NOT_JSON'],
    ['note', JSON.parse('{"text":"x","__proto__":{}}'), 'k1', {}, 'PARAMS_NOT_JSON'],
    ['note', { text: 'x'.repeat(LIMITS.paramsBytesMax) }, 'k1', {}, 'PARAMS_TOO_LARGE'],
    ['note', { text: 'x' }, '', {}, 'KEY_INVALID'],
    ['note', { text: 'x' }, 'x'.repeat(256), {}, 'KEY_INVALID'],
    ['note', { text: 'x' }, 7, {}, 'KEY_INVALID'],
    ['note', { text: 'x' }, 'k1', { sources: [{ id: 'x', kind: 'god', text: '' }] }, 'SOURCES_INVALID'],
    ['note', { text: 'x' }, 'k1', { capability: 'forged.tag' }, 'AGENT_INVALID'],
  ]
  for (const [action, params, key, extra, code] of cases) {
    expect((await ask(runtime, action, params, key, extra)).receipt, code).toMatchObject({ status: 'refused', failure: { code } })
  }
  expect(world.disk.rows.size).toBe(0)
  expect((await ask(runtime, 'note', { text: 'x' })).receipt.status).toBe('done')
})

test('the field that does not fit is named', async () => {
  const { receipt } = await ask(boot(createWorld()), 'note', { text: 5 })
  expect(receipt.failure).toMatchObject({ code: 'PARAMS_INVALID', field: 'text' })
})

test('a kill holds waiting work and new work stops; after run it goes on, once (law 7)', async () => {
  const world = createWorld()
  world.online = false
  const runtime = boot(world)
  await ask(runtime, 'mail', { to: 'a' })
  world.online = true
  world.flag = document(2, 'kill')
  await runtime.gate.refresh()
  await runtime.pump.drain({ isNetworkBack: true })
  expect(await look(runtime)).toMatchObject({ status: 'held', waitingFor: 'gate' })
  expect((await ask(runtime, 'mail', { to: 'a' }, 'k2')).receipt).toMatchObject({ status: 'disabled', failure: { code: 'DISABLED' } })
  expect(world.sent).toHaveLength(0)
  expect(world.lines).toContain('[MAESTRO] Disabled by remote flag (version 2)')
  world.flag = document(3, 'run')
  await runtime.pump.drain({ isNetworkBack: true })
  expect(await look(runtime)).toMatchObject({ status: 'done' })
  expect(keysSent(world)).toEqual(['k1'])
})

test('a stop survives a restart and an older document; junk and silence change nothing', async () => {
  const world = createWorld()
  world.flag = document(5, 'kill')
  await boot(world).gate.refresh()
  for (const flag of [
    document(4, 'run'),
    document(5, 'run'),
    { version: 'x' },
    '<html>',
    undefined,
    { ...document(9, 'run'), expires: '2020-01-01T00:00:00Z' },
  ]) {
    const next = createWorld(world.disk)
    next.flag = flag
    const runtime = boot(next)
    await runtime.gate.load()
    await runtime.gate.refresh()
    expect(runtime.gate.view()).toMatchObject({ state: 'kill', version: 5 })
  }
})

test('a disabled build’s static flag stops an older worker, and an enabled build’s lets it go on (REQ 0-1)', async () => {
  const world = createWorld()
  const runtime = boot(world)
  world.staticFlag = { enabled: false }
  await runtime.gate.refresh()
  expect(runtime.gate.view()).toMatchObject({ state: 'kill', cause: 'env' })
  world.staticFlag = '<html>'
  await runtime.gate.refresh()
  expect(runtime.gate.view().state).toBe('kill')
  world.staticFlag = { enabled: true }
  await runtime.gate.refresh()
  expect(runtime.gate.view().state).toBe('run')
})

test('a worker built off opens nothing, makes nothing and refuses everything', async () => {
  const world = createWorld()
  const runtime = boot(world, false)
  expect((await ask(runtime, 'note', { text: 'x' })).receipt).toMatchObject({ status: 'disabled' })
  expect([world.disk.rows.size, world.disk.secrets.size]).toEqual([0, 0])
})

test('a row that does not parse is counted and left alone, and its neighbours go on (law 8)', async () => {
  const world = createWorld()
  world.online = false
  await ask(boot(world), 'mail', { to: 'a' })
  const good = [...world.disk.rows.values()][0]
  for (const [i, bad] of [
    { id: 'x1' },
    { ...good, id: 'x2' },
    { ...good, id: 'x3', shape: 99 },
    { ...good, id: 'x4', sealed: new Uint8Array(3) },
  ].entries()) {
    world.disk.rows.set(`x${i + 1}`, bad as never)
  }
  const next = createWorld(world.disk)
  const runtime = boot(next)
  await runtime.prepare()
  await runtime.pump.drain()
  expect(await look(runtime)).toMatchObject({ status: 'done' })
  const snapshot = await runtime.commands.snapshot({}, { gate: runtime.gate.view() })
  expect(snapshot).toMatchObject({ ok: true, value: { quarantined: 3, parked: 1 } })
  expect(world.disk.rows.size).toBe(5)
})

test('an approval moved onto other bytes on disk never runs (law 6)', async () => {
  const world = createWorld()
  const runtime = boot(world)
  await ask(runtime, 'pay', { amount: '5' })
  world.online = false
  await decide(runtime, 'approve')
  const row = [...world.disk.rows.values()][0]
  const flip = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes, (byte) => byte ^ 0x5a)
  const text = new TextDecoder().decode(flip(row?.sealed ?? new Uint8Array())).replace('"amount":"5"', '"amount":"5000"')
  world.disk.rows.set(row?.id ?? '', { ...row, sealed: flip(new TextEncoder().encode(text)) } as never)
  const next = createWorld(world.disk)
  const reborn = boot(next)
  await reborn.prepare()
  await reborn.pump.drain()
  expect(next.sent).toHaveLength(0)
  expect(await look(reborn)).toMatchObject({ status: 'dead', failure: { code: 'APPROVAL_CHANGED' } })
})

test('a page answers only for what a page was asked to do: it cannot forge a receipt of a request', async () => {
  const world = createWorld()
  world.online = false
  const runtime = boot(world)
  const { receipt } = await ask(runtime, 'mail', { to: 'a' })
  await runtime.commands.pageEffect({ id: receipt.id, attempt: 0, outcome: { ok: true, value: 'forged' } }, { gate: runtime.gate.view() })
  expect((await look(runtime))?.status).toBe('queued')
  world.online = true
  await runtime.pump.drain({ isNetworkBack: true })
  expect(await look(runtime)).toMatchObject({ status: 'done', result: { done: true } })
})

test('what may have run is not said to be cancelled; a person may still give it up (trap 40)', async () => {
  const world = createWorld()
  world.answer = () => ({ kind: 'lost' })
  const runtime = boot(world)
  await ask(runtime, 'fax', { to: 'a' })
  await runtime.pump.drain()
  expect(await runtime.commands.cancel({ key: 'k1' }, { gate: runtime.gate.view() })).toEqual({ ok: true, value: false })
  expect((await look(runtime))?.status).toBe('unknown')
  expect(await runtime.commands.discard({ key: 'k1' }, { gate: runtime.gate.view() })).toMatchObject({ ok: true })
  expect((await look(runtime))?.status).toBe('cancelled')
})

test('an attempt that throws ends nobody else’s: its neighbours are done and settled', async () => {
  const world = createWorld()
  world.online = false
  const runtime = boot(world)
  await ask(runtime, 'mail', { to: 'a' }, 'bad')
  await ask(runtime, 'mail', { to: 'b' }, 'good')
  world.online = true
  world.answer = ({ key }) => {
    if (key === 'bad') throw new Error('a defect')
    return { kind: 'answer', status: 200, body: {} }
  }
  await runtime.pump.drain({ isNetworkBack: true })
  expect((await look(runtime, 'good'))?.status).toBe('done')
  expect((await look(runtime, 'bad'))?.status).toBe('queued')
})

test('a stop from one source is never undone by another’s word that was under way', async () => {
  const world = createWorld()
  const runtime = boot(world)
  await runtime.gate.load()
  world.flag = document(5, 'kill')
  await Promise.all([runtime.gate.refresh(), runtime.gate.envOff()])
  expect(runtime.gate.view()).toMatchObject({ state: 'kill', cause: 'env', version: 5 })
  world.staticFlag = { enabled: true }
  await runtime.gate.refresh()
  expect(runtime.gate.view()).toMatchObject({ state: 'kill', cause: 'remote', version: 5 })
})
