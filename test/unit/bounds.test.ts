/** Every bound overflows as it says (law 9). The bounds are made small here, so that a handful is too much. */
import { expect, test, vi } from 'vitest'
import { ok } from '../../src/base/result.ts'
import { COMMANDS } from '../../src/protocol/commands.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { ImportReport, OutboxPage } from '../../src/protocol/views.ts'
import { http } from '../../sw/boot/effects.ts'
import { admit } from '../../sw/core/admit.ts'
import { planAttempts } from '../../sw/core/plan-attempts.ts'
import { createGroupCommit } from '../../sw/runtime/group-commit.ts'
import { ACTIONS, intent, STAMPS } from '../support/core-fixtures.ts'
import { createWorld, emptyDisk, memoryStore } from '../support/memory-ports.ts'
import { ask, boot, decide, look, snapshot, wake } from '../support/runtime-driver.ts'
import { signedIn } from '../support/signed-in.ts'

vi.mock('../../src/protocol/limits.ts', async (original) => ({
  ...(await original<typeof LIMITS>()),
  outboxMax: 4,
  outboxPageMax: 2,
  snapshotApprovalsMax: 2,
  groupCommitMax: 2,
  memoryReceiptsMax: 2,
  capsuleCharsMax: 3_000,
  batchCharsMax: 60,
  syncItemsMax: 3,
  syncAuditMax: 2,
  syncResultCharsMax: 900,
}))

const offline = async (keys: readonly string[]) => {
  const world = createWorld()
  world.online = false
  const runtime = boot(world, ACTIONS)
  for (const key of keys) await ask(runtime, 'mail', { to: 'a' }, key)
  return { world, runtime, gate: { gate: runtime.gate.view() } }
}

test('an outbox that is full takes nothing new and drops nothing old; what is there already is answered, and room is room again', async () => {
  const { world, runtime, gate } = await offline(['a', 'b', 'c', 'd'])
  expect(await ask(runtime, 'mail', { to: 'a' }, 'e')).toMatchObject({ status: 'refused', failure: { code: 'OUTBOX_FULL' } })
  expect(await look(runtime, 'e')).toBeNull()
  expect(world.disk.rows.size).toBe(4)
  expect(await ask(runtime, 'mail', { to: 'a' }, 'd')).toMatchObject({ status: 'queued' })
  await runtime.commands.cancel({ key: 'a' }, gate)
  await wake(runtime)
  expect(await ask(runtime, 'mail', { to: 'a' }, 'e')).toMatchObject({ status: 'queued' })
})

test('many at once take no more than there is room for', async () => {
  const { runtime } = await offline([])
  const said = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ask(runtime, 'mail', { to: 'a' }, key)))
  expect(said.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued', 'queued', 'refused', 'refused'])
})

test('a capsule brings no more than the outbox takes', async () => {
  const { runtime, gate } = await offline(['a', 'b', 'c'])
  const packed = await runtime.commands.export({}, gate)
  if (!packed.ok) throw new Error(packed.error.code)
  const other = await offline(['x', 'y'])
  const said = await other.runtime.commands.import(packed.value as { capsule: string; code: string }, other.gate)
  const report = said.ok && (said.value as ImportReport)
  expect(report).toEqual({ imported: 2, known: 0, refused: 1 })
})

test('more than one capsule takes is said before anything is held back for it; fewer are packed', async () => {
  const world = createWorld()
  world.online = false
  const runtime = boot(world, ACTIONS)
  const gate = { gate: runtime.gate.view() }
  for (const key of ['a', 'b']) await ask(runtime, 'mail', { to: '€'.repeat(250) }, key)
  expect(await runtime.commands.export({}, gate)).toMatchObject({ ok: false, error: { code: 'PARAMS_TOO_LARGE' } })
  expect(await look(runtime, 'a')).toMatchObject({ status: 'queued' })
  expect(await runtime.commands.export({ keys: ['a'] }, gate)).toMatchObject({ ok: true, value: { count: 1 } })
  expect(await look(runtime, 'a')).toMatchObject({ status: 'held', waitingFor: 'export' })
  expect(await look(runtime, 'b')).toMatchObject({ status: 'queued' })
})

test('a batch carries no more characters, and no more items, than one request may; what is too long for any goes alone', () => {
  const plans = (max: number, ...sizes: readonly number[]): string[] => {
    const mail = { ...ACTIONS.mail, effect: http({ url: '/one', batch: { url: '/many', max } }) }
    const due = sizes.map((chars, i) => admit(intent('mail', { to: 'x'.repeat(chars - 9) }, `k${i}`), mail, { lane: 'GREEN', reasons: [] }, STAMPS))
    return planAttempts(due, { mail }).map((plan) => plan.map(({ key }) => key).join('+'))
  }
  expect(plans(9, 20, 20, 20)).toEqual(['k0+k1+k2'])
  expect(plans(9, 20, 20, 21)).toEqual(['k0+k1', 'k2'])
  expect(plans(9, 20, 90, 20)).toEqual(['k0', 'k1', 'k2'])
  expect(plans(2, 10, 10, 10)).toEqual(['k0+k1', 'k2'])
  expect(plans(9, 10, 10, 10, 10)).toEqual(['k0+k1+k2', 'k3'])
})

test('where the back end keeps no keys nothing travels in a batch: after a lost answer nobody could tell which were done', () => {
  const effect = (keyed: boolean) => http({ url: '/one', batch: { url: '/many', max: 3 }, keyed })
  const plans = (keyed: boolean) => {
    const mail = { ...ACTIONS.mail, effect: effect(keyed) }
    const due = ['a', 'b'].map((key) => admit(intent('mail', { to: 'x' }, key), mail, { lane: 'GREEN', reasons: [] }, STAMPS))
    return planAttempts(due, { mail }).map(({ length }) => length)
  }
  expect([plans(true), plans(false)]).toEqual([[2], [1, 1]])
})

test('a request to the shared ledger carries no more items, entries of the chain, or results than it takes, and all arrive', async () => {
  const { world, server, runtime } = await signedIn(ACTIONS)
  world.answer = () => ({ kind: 'answer', status: 200, body: 'x'.repeat(300) })
  world.online = false
  for (const key of ['a', 'b', 'c', 'd']) await ask(runtime, 'mail', { to: 'a' }, key)
  await runtime.pump.idle()
  world.online = true
  await wake(runtime)
  expect(Math.max(...server.requests.map(({ claims }) => claims.length))).toBe(LIMITS.syncItemsMax)
  for (const { claims, completions, audit } of server.requests) {
    expect(audit.length).toBeLessThanOrEqual(LIMITS.syncAuditMax)
    expect(claims.length + completions.length + audit.length).toBeLessThanOrEqual(LIMITS.syncItemsMax)
    expect(completions.reduce((sum, { result }) => sum + (result?.length ?? 0), 0)).toBeLessThanOrEqual(LIMITS.syncResultCharsMax)
  }
  expect(server.requests.some(({ completions }) => completions.length === 2)).toBe(true)
  expect([...server.rows.values()].map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done'])
  expect(server.heads.get(server.requests[0]?.deviceId ?? '')?.seq).toBe(world.disk.head.seq)
})

test('a result that is longer than a request’s room for results goes alone, and still goes', async () => {
  const { world, server, runtime } = await signedIn(ACTIONS)
  world.answer = () => ({ kind: 'answer', status: 200, body: 'x'.repeat(2_000) })
  for (const key of ['a', 'b']) await ask(runtime, 'mail', { to: 'a' }, key)
  await wake(runtime)
  expect(server.requests.map(({ completions }) => completions.length).filter(Boolean)).toEqual([1, 1])
  expect(await look(runtime, 'b')).toMatchObject({ status: 'done', synced: true })
})

test('a person sees the oldest questions, and the next moves up when one is answered', async () => {
  const world = createWorld()
  const runtime = boot(world, ACTIONS)
  for (const key of ['a', 'b', 'c']) await ask(runtime, 'pay', { amount: '5' }, key)
  const asked = async () => (await snapshot(runtime)).approvals.map(({ key }) => key)
  expect(await asked()).toEqual(['a', 'b'])
  await decide(runtime, 'a', 'deny')
  expect(await asked()).toEqual(['b', 'c'])
  expect((await snapshot(runtime)).waiting).toBe(2)
})

test('the outbox is read in pages no larger than it says, oldest first, each receipt once', async () => {
  expect(v.is(COMMANDS.outbox, { limit: 2 })).toBe(true)
  expect(v.is(COMMANDS.outbox, { limit: 3 })).toBe(false)
  expect(v.is(COMMANDS.outbox, { limit: 0 })).toBe(false)
  const { runtime, gate } = await offline(['a', 'b', 'c', 'd'])
  const read = async (after?: number): Promise<OutboxPage> => {
    const page = await runtime.commands.outbox(after === undefined ? { limit: 2 } : { limit: 2, after }, gate)
    if (!page.ok) throw new Error(page.error.code)
    return page.value as OutboxPage
  }
  const first = await read()
  expect(first.items.map(({ key }) => key)).toEqual(['a', 'b'])
  const second = await read(first.next ?? -1)
  expect([second.items.map(({ key }) => key), second.next]).toEqual([['c', 'd'], null])
})

test('changes share transactions, no more of them than one may hold, and each has its own answer', async () => {
  const sizes: number[] = []
  const store = memoryStore(emptyDisk())
  const commits = createGroupCommit({
    ...store,
    commit(changes) {
      sizes.push(changes.length)
      return store.commit(changes)
    },
  })
  const row = (id: string) => ({ id, shape: 2, owner: 'o', rev: 1, order: 1, sealed: new Uint8Array() })
  const answers = await Promise.all(['a', 'b', 'c', 'b', 'd', 'e'].map((id) => commits.add({ row: row(id), facts: [] })))
  expect(Math.max(...sizes)).toBe(2)
  expect(answers.map((each) => each.ok && each.value.kind)).toEqual(['committed', 'committed', 'committed', 'exists', 'committed', 'committed'])
})

test('of what has ended memory keeps a few, and the rest is still found by its key', async () => {
  const world = createWorld()
  const runtime = boot(world, ACTIONS)
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  for (const key of keys) {
    await ask(runtime, 'note', { text: key }, key)
    await wake(runtime)
  }
  expect((await snapshot(runtime)).receipts.length).toBeLessThanOrEqual(2 * LIMITS.memoryReceiptsMax)
  for (const key of keys) expect(await look(runtime, key)).toMatchObject({ status: 'done' })
  expect(await ask(runtime, 'note', { text: 'a' }, 'a')).toMatchObject({ status: 'done' })
})

test('a chain that another worker writes to all the time ends in a failure, not in a loop', async () => {
  const world = createWorld()
  const runtime = boot(world, ACTIONS)
  world.online = false
  await ask(runtime, 'mail', { to: 'a' }, 'k')
  let tries = 0
  world.ports.store.commit = async (changes) => (tries++, ok(changes.map(() => ({ kind: 'conflict' as const }))))
  const said = await runtime.commands.cancel({ key: 'k' }, { gate: runtime.gate.view() })
  expect(said).toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } })
  expect(tries).toBe(LIMITS.changeTriesMax)
})
