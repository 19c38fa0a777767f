import { expect, test } from 'vitest'
import { verifyChain } from '../../src/audit/verify.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import { http } from '../../sw/boot/effects.ts'
import type { Actions } from '../../sw/ports/action.ts'
import type { HttpOutcome } from '../../sw/ports/http-effect.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld, type World } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { ask, boot, look, signIn, snapshot, wake } from '../support/runtime-driver.ts'
import { signedIn } from '../support/signed-in.ts'

const params = v.strictObject({ n: v.number(), thread: v.optional(v.string()) })
const lane = { base: 'GREEN', because: 'known' } as const
const sequence = ({ thread }: { readonly thread?: unknown }): string | undefined => (typeof thread === 'string' ? thread : undefined)
const actions: Actions = {
  ...ACTIONS,
  step: { version: 1, params, lane, sequence, effect: http({ url: '/api/step' }) },
  bulk: { version: 1, params, lane, sequence, effect: http({ url: '/api/bulk', batch: { url: '/api/bulk-batch', max: 4 } }) },
  brief: { version: 1, params, lane, effect: http({ url: '/api/brief', keptForMs: 60_000 }) },
}

const OK: HttpOutcome = { kind: 'answer', status: 200, body: { done: true } }
const NO: HttpOutcome = { kind: 'answer', status: 400, body: { code: 'NO' } }
const sentKeys = (world: World): string[] => world.sent.map(({ key }) => key)

test('what stands behind a dead letter in its sequence waits for it and names it; a neighbour does not (trap 26)', async () => {
  const world = createWorld()
  world.answer = ({ key }) => (key === 'first' ? NO : OK)
  const runtime = boot(world, actions)
  world.online = false
  for (const [key, thread] of [
    ['first', 'a'],
    ['second', 'a'],
    ['third', 'a'],
    ['other', 'b'],
  ] as const)
    await ask(runtime, 'step', { n: 1, thread }, key)
  world.online = true
  await wake(runtime)
  expect(await look(runtime, 'first')).toMatchObject({ status: 'dead', failure: { code: 'EFFECT_REJECTED' } })
  for (const key of ['second', 'third'])
    expect(await look(runtime, key)).toMatchObject({ status: 'held', waitingFor: 'sequence', blockedBy: 'first' })
  expect(await look(runtime, 'other')).toMatchObject({ status: 'done' })
  expect(await snapshot(runtime)).toMatchObject({ attention: 1, waiting: 2 })

  const reborn = boot(world, actions)
  await wake(reborn)
  expect(await look(reborn, 'second')).toMatchObject({ status: 'held', blockedBy: 'first' })
  world.answer = () => OK
  await reborn.commands.retry({ key: 'first' }, { gate: reborn.gate.view() })
  await wake(reborn)
  expect(sentKeys(world).slice(-3)).toEqual(['first', 'second', 'third'])
  expect(await snapshot(reborn)).toMatchObject({ attention: 0, waiting: 0 })
})

test('a dead letter that is given up lets what stands behind it go on', async () => {
  const world = createWorld()
  world.answer = ({ key }) => (key === 'first' ? NO : OK)
  const runtime = boot(world, actions)
  world.online = false
  await ask(runtime, 'step', { n: 1, thread: 'a' }, 'first')
  await ask(runtime, 'step', { n: 2, thread: 'a' }, 'second')
  world.online = true
  await wake(runtime)
  await runtime.commands.discard({ key: 'first' }, { gate: runtime.gate.view() })
  await wake(runtime)
  expect([await look(runtime, 'first'), await look(runtime, 'second')]).toMatchObject([{ status: 'cancelled' }, { status: 'done' }])
})

test('an edited dead letter is a new intent in the old one’s place, and the old one is over', async () => {
  const world = createWorld()
  world.answer = ({ params: { n } }) => (n === 1 ? NO : OK)
  const runtime = boot(world, actions)
  world.online = false
  await ask(runtime, 'step', { n: 1, thread: 'a' }, 'create')
  await ask(runtime, 'step', { n: 3, thread: 'a' }, 'update')
  world.online = true
  await wake(runtime)
  expect(await ask(runtime, 'step', { n: 2, thread: 'a' }, 'created', { replaces: 'create' })).toMatchObject({ status: 'queued' })
  await wake(runtime)
  expect(sentKeys(world)).toEqual(['create', 'created', 'update'])
  expect(await look(runtime, 'create')).toMatchObject({ status: 'cancelled' })
  // The same edit again, as a page sends it whose answer was lost.
  expect(await ask(runtime, 'step', { n: 2, thread: 'a' }, 'created', { replaces: 'create' })).toMatchObject({ status: 'done' })
  expect(sentKeys(world)).toHaveLength(3)
})

test.each(['created', 'nothing', 'waiting'])('only a dead receipt of the same action can be edited: %s is not', async (replaces) => {
  const world = createWorld()
  const runtime = boot(world, actions)
  await ask(runtime, 'step', { n: 1 }, 'created')
  await wake(runtime)
  world.online = false
  await ask(runtime, 'step', { n: 1 }, 'waiting')
  expect(await ask(runtime, 'step', { n: 2 }, 'new', { replaces })).toMatchObject({ status: 'refused', failure: { code: 'NOT_REPLACEABLE' } })
  expect(await look(runtime, 'new')).toBeNull()
})

test('due receipts of a batch route travel together, in chunks the route takes, and each has its own answer', async () => {
  const world = createWorld()
  world.answer = ({ key }) => (key === 'k2' ? NO : key === 'k3' ? { kind: 'answer', status: 503, body: null, waitMs: 90_000 } : OK)
  const runtime = boot(world, actions)
  world.online = false
  for (let i = 0; i < 9; i++) await ask(runtime, 'bulk', { n: i }, `k${i}`)
  world.online = true
  await wake(runtime)
  expect(world.batches.map((keys) => keys.length)).toEqual([4, 4])
  expect(sentKeys(world)).toEqual(['k8'])
  expect(await look(runtime, 'k2')).toMatchObject({ status: 'dead' })
  expect(await look(runtime, 'k3')).toMatchObject({ status: 'queued', waitingFor: 'retry', failure: { code: 'EFFECT_UNAVAILABLE' } })
  expect((await snapshot(runtime)).receipts.filter(({ status }) => status === 'done')).toHaveLength(7)
  expect(verifyChain(world.disk.entries, world.disk.head).intact).toBe(true)
})

test('a batch keeps the order of its sequences: the second of a sequence never travels with the first', async () => {
  const world = createWorld()
  const runtime = boot(world, actions)
  world.online = false
  for (const [key, thread] of [
    ['a1', 'a'],
    ['a2', 'a'],
    ['b1', 'b'],
    ['b2', 'b'],
  ] as const)
    await ask(runtime, 'bulk', { n: 1, thread }, key)
  world.online = true
  await wake(runtime)
  expect(world.batches).toEqual([
    ['a1', 'b1'],
    ['a2', 'b2'],
  ])
})

test.each([
  ['is missing', (all: Map<string, HttpOutcome>) => all.delete('k1')],
  ['is unreadable', (all: Map<string, HttpOutcome>) => all.set('k1', { kind: 'unreadable', status: 200 })],
])('an item whose answer in a batch %s is sent again under its key, and its neighbours are done', async (_what, spoil) => {
  const world = createWorld()
  world.answerBatch = (byKey) => {
    const all = new Map(byKey)
    spoil(all)
    return { kind: 'answers', byKey: all }
  }
  const runtime = boot(world, actions)
  world.online = false
  for (let i = 0; i < 3; i++) await ask(runtime, 'bulk', { n: i }, `k${i}`)
  world.online = true
  await wake(runtime)
  expect([await look(runtime, 'k0'), await look(runtime, 'k2')]).toMatchObject([{ status: 'done' }, { status: 'done' }])
  expect(await look(runtime, 'k1')).toMatchObject({ status: 'done', attempts: 2 })
  expect(sentKeys(world)).toEqual(['k1'])
})

test.each([404, 413])('a batch route that is refused as a whole with %i is no word on its items: each goes alone', async (status) => {
  const world = createWorld()
  world.answerBatch = () => ({ kind: 'answer', status, body: null })
  const runtime = boot(world, actions)
  world.online = false
  for (let i = 0; i < 3; i++) await ask(runtime, 'bulk', { n: i }, `k${i}`)
  world.online = true
  await wake(runtime)
  expect(sentKeys(world).toSorted()).toEqual(['k0', 'k1', 'k2'])
  expect((await snapshot(runtime)).receipts.every((receipt) => receipt.status === 'done')).toBe(true)
})

test('where the back end keeps no keys, an answer that may follow an effect leaves the outcome unknown, and nothing is sent again', async () => {
  for (const outcome of [{ kind: 'answer', status: 504, body: null }, { kind: 'unreadable', status: 200 }, { kind: 'lost' }] as const) {
    const world = createWorld()
    world.answer = () => outcome
    const runtime = boot(world, actions)
    await ask(runtime, 'fax', { to: 'a' }, 'f')
    await wake(runtime)
    await wake(runtime)
    expect(await look(runtime, 'f')).toMatchObject({ status: 'unknown', waitingFor: 'person', guarantee: 'at-most-once' })
    expect(sentKeys(world)).toEqual(['f'])
  }
})

test.each([429, 425, 408])('%i says that nothing was done, so it is tried again without kept keys too', async (status) => {
  const world = createWorld()
  let tries = 0
  world.answer = () => (++tries === 1 ? { kind: 'answer', status, body: null } : OK)
  const runtime = boot(world, actions)
  await ask(runtime, 'fax', { to: 'a' }, 'f')
  await wake(runtime)
  expect(await look(runtime, 'f')).toMatchObject({ status: 'done', attempts: 2 })
})

test.each([
  ['done', { state: 'done', result: null, fence: 9 }, { status: 'done' }],
  ['cancelled', { state: 'cancelled', result: null, fence: 9 }, { status: 'dead', failure: { code: 'CLAIMED_ELSEWHERE' } }],
  ['nothing', null, { status: 'unknown', waitingFor: 'person' }],
] as const)('an unknown outcome asks the ledger; it knows %s', async (_what, word, expected) => {
  const { world, server, runtime } = await signedIn(actions)
  world.answer = () => ({ kind: 'lost' })
  server.word = word
  await ask(runtime, 'fax', { to: 'a' }, 'f')
  await wake(runtime)
  expect(await look(runtime, 'f')).toMatchObject(expected)
  expect(sentKeys(world)).toEqual(['f'])
})

test('a key that the back end may have forgotten is reconciled, never sent again blindly (trap 5)', async () => {
  for (const [laterMs, status] of [
    [30_000, 'done'],
    [3_600_000, 'unknown'],
  ] as const) {
    const world = createWorld()
    world.answer = () => ({ kind: 'answer', status: 503, body: null, waitMs: laterMs })
    const runtime = boot(world, actions)
    await ask(runtime, 'brief', { n: 1 }, 'b')
    await wake(runtime)
    world.answer = () => OK
    world.now += laterMs + 1_000
    await wake(runtime)
    expect(await look(runtime, 'b')).toMatchObject({ status })
    expect(sentKeys(world)).toHaveLength(status === 'done' ? 2 : 1)
  }
})

test('a refused token pauses its person once: one refresh for all, no attempt is burnt, and a sign-in goes on (trap 12)', async () => {
  const { world, server, runtime } = await signedIn(actions)
  world.online = false
  for (let i = 0; i < 5; i++) await ask(runtime, 'step', { n: i }, `k${i}`)
  server.isRefusing = true
  world.answer = () => ({ kind: 'answer', status: 401, body: null })
  world.online = true
  await wake(runtime)
  const asked = server.requests.length
  expect(asked).toBeLessThanOrEqual(2)
  world.now += 3_600_000
  await wake(runtime)
  expect(server.requests.length).toBe(asked)
  expect(await snapshot(runtime)).toMatchObject({ needsSignIn: true, waiting: 5 })
  expect(await look(runtime, 'k0')).toMatchObject({ status: 'held', waitingFor: 'sign-in', attempts: 0 })
  server.isRefusing = false
  world.answer = () => OK
  await signIn(runtime, 'anna')
  await wake(runtime)
  expect(await snapshot(runtime)).toMatchObject({ needsSignIn: false, waiting: 0 })
})

test.each([-30, 30])('a device clock that jumps by %i years drops nothing and stops nothing (trap 27)', async (years) => {
  const world = createWorld()
  withServer(world).now = () => 1_800_000_000_000
  const runtime = boot(world, actions)
  await runtime.prepare()
  await signIn(runtime, 'anna')
  world.answer = () => ({ kind: 'answer', status: 503, body: null, waitMs: 60_000 })
  await ask(runtime, 'step', { n: 1 }, 'k')
  await ask(runtime, 'pay', { amount: '5' }, 'p')
  await wake(runtime)
  world.answer = () => OK
  world.now += years * 365 * 86_400_000
  await wake(runtime)
  world.now += 61_000
  await wake(runtime)
  expect(await look(runtime, 'k')).toMatchObject({ status: 'done' })
  expect(await look(runtime, 'p')).toMatchObject({ status: 'awaiting-approval' })
})

test('claims, completions and the chain travel together; the server ends with what the device has', async () => {
  const { world, server, runtime } = await signedIn(actions)
  world.online = false
  for (let i = 0; i < 40; i++) await ask(runtime, 'step', { n: i }, `k${i}`)
  world.online = true
  await wake(runtime)
  expect([...server.rows.values()].every(({ state }) => state === 'done')).toBe(true)
  expect(server.rows.size).toBe(40)
  expect([...server.heads.values()]).toEqual([world.disk.head])
  expect(server.requests.length).toBeLessThan(40)
  expect(Math.max(...server.requests.map(({ claims, completions, audit }) => claims.length + completions.length + audit.length))).toBeLessThanOrEqual(
    LIMITS.syncItemsMax,
  )
})

test('a copied profile is told by its forked chain and goes on as a new device; a device that is merely ahead does not (trap 28)', async () => {
  const { world, server, runtime: first } = await signedIn(actions)
  await ask(first, 'step', { n: 1 }, 'k1')
  await wake(first)
  const copy = createWorld({ ...world.disk, rows: new Map(world.disk.rows), entries: [...world.disk.entries], secrets: new Map(world.disk.secrets) })
  Object.assign(copy.ports, {
    server: world.ports.server,
    random: { hex: (n: number) => 'c'.repeat(n * 2), unit: () => 0.5 },
  })
  copy.flag = world.flag
  await ask(first, 'step', { n: 2 }, 'k2')
  await wake(first)
  expect(server.heads.size).toBe(1)
  const cloned = boot(copy, actions)
  await cloned.prepare()
  await ask(cloned, 'step', { n: 3 }, 'k3')
  await wake(cloned)
  expect(server.heads.size).toBe(2)
  expect([...server.heads.values()]).toContainEqual(copy.disk.head)
  expect(await look(cloned, 'k3')).toMatchObject({ status: 'done' })
  expect(server.rows.get('k3')).toMatchObject({ state: 'done' })
})

test('an action that this build does not declare is left as it is, byte for byte, and runs at once when it is back (trap 23)', async () => {
  const world = createWorld()
  world.online = false
  const first = boot(world, actions)
  await ask(first, 'step', { n: 1 }, 'k')
  await ask(first, 'mail', { to: 'a' }, 'm')
  await first.pump.idle()
  world.online = true
  const { step, ...older } = actions
  const before = [...world.disk.rows.values()][0]
  for (const build of [older, { ...older, step: { ...step, version: 2 } as NonNullable<typeof step> }]) {
    const downgraded = boot(world, build)
    await wake(downgraded)
    expect(await look(downgraded, 'k')).toMatchObject({ status: 'held', waitingFor: 'update', attempts: 0 })
    expect(await snapshot(downgraded)).toMatchObject({ parked: 1 })
    expect(world.disk.rows.get(before?.id ?? '')).toEqual(before)
  }
  expect(sentKeys(world)).toEqual(['m'])
  const back = boot(world, actions)
  await wake(back)
  expect(await look(back, 'k')).toMatchObject({ status: 'done' })
})

test('where the back end keeps no keys, the shared ledger must have its word first: two devices are one effect', async () => {
  for (const [action, status, sent] of [
    ['fax', 'queued', 0],
    ['mail', 'done', 1],
  ] as const) {
    const { world, server, runtime } = await signedIn(actions)
    server.failure = { kind: 'unreachable', waitMs: 60_000 }
    await ask(runtime, action, { to: 'a' }, 'k')
    await wake(runtime)
    expect(await look(runtime, 'k')).toMatchObject({ status })
    expect(world.sent).toHaveLength(sent)
  }
})

test('a fence that a late copy of our own request raised is asked for anew, so that the ledger ends with the truth', async () => {
  const { world, server, runtime } = await signedIn(actions)
  world.answer = ({ key }) => {
    const row = server.rows.get(key)
    if (row) server.rows.set(key, { ...row, fence: row.fence + 1 })
    return OK
  }
  await ask(runtime, 'mail', { to: 'a' }, 'k')
  await wake(runtime)
  expect(server.rows.get('k')).toMatchObject({ state: 'done' })
  expect(await look(runtime, 'k')).toMatchObject({ status: 'done', synced: true })
})

test('a page effect whose person must sign in first waits without a write for every look (law 9)', async () => {
  const world = createWorld()
  const server = withServer(world)
  const runtime = boot(world, { ...actions, print: { version: 1, params, lane, effect: { kind: 'page', name: 'print' } } })
  await runtime.prepare()
  await signIn(runtime, 'anna')
  server.isRefusing = true
  await ask(runtime, 'print', { n: 1 }, 'p')
  await ask(runtime, 'step', { n: 1 }, 'k')
  await wake(runtime)
  await wake(runtime)
  expect(world.disk.entries.length).toBeLessThan(8)
  expect(await look(runtime, 'p')).toMatchObject({ status: 'held', waitingFor: 'sign-in' })
})
