/** A disk that cannot be read says nothing about what lies on it: neither that it is there, nor that it is not. */
import { expect, test } from 'vitest'
import { err } from '../../src/base/result.ts'
import type { StoreFailure } from '../../sw/ports/ledger-store.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld } from '../support/memory-ports.ts'
import { ask, boot, look, snapshot, wake } from '../support/runtime-driver.ts'

const BROKEN: StoreFailure = { code: 'UNOPENABLE', name: 'UnknownError' }

/** A worker that has not read the receipt `k`, though it lies on its disk, as after a hand-over. */
const unread = async (action: string, params: object) => {
  const world = createWorld()
  const runtime = boot(world, ACTIONS)
  await runtime.prepare()
  await ask(runtime, 'note', { text: 'first' }, 'n')
  world.online = false
  const other = boot(world, ACTIONS)
  await ask(other, action, params, 'k')
  await other.pump.idle()
  world.online = true
  const get = world.ports.store.get.bind(world.ports.store)
  return {
    world,
    runtime,
    gate: { gate: runtime.gate.view() },
    breakReads: () => void (world.ports.store.get = async () => err(BROKEN)),
    mendReads: () => void (world.ports.store.get = get),
  }
}

test('a receipt that cannot be read is a failure of the disk for every command, and there again with it', async () => {
  const { runtime, gate, breakReads, mendReads } = await unread('mail', { to: 'a' })
  const { id = '' } = (await look(runtime, 'k')) ?? {}
  breakReads()
  const failed = { ok: false, error: { code: 'STORAGE_FAILED' } }
  expect(await runtime.commands.lookup({ key: 'k' }, gate)).toMatchObject(failed)
  expect(await runtime.commands.lookup({ key: 'nothing' }, gate)).toMatchObject(failed)
  for (const name of ['cancel', 'retry', 'discard'] as const) expect(await runtime.commands[name]({ key: 'k' }, gate)).toMatchObject(failed)
  expect(await runtime.commands.decide({ id, digest: 'd', verdict: 'approve' }, gate)).toMatchObject(failed)
  mendReads()
  expect(await look(runtime, 'k')).toMatchObject({ status: 'queued' })
  expect(await runtime.commands.lookup({ key: 'nothing' }, gate)).toEqual({ ok: true, value: null })
  expect(await runtime.commands.cancel({ key: 'k' }, gate)).toEqual({ ok: true, value: true })
})

test('an intent whose key cannot be looked up is refused for now, and spends nothing', async () => {
  const { runtime, breakReads, mendReads } = await unread('note', { text: 'x' })
  breakReads()
  expect(await ask(runtime, 'note', { text: 'other' }, 'k')).toMatchObject({ status: 'refused', failure: { code: 'STORAGE_FAILED' } })
  mendReads()
  expect(await ask(runtime, 'note', { text: 'other' }, 'k')).toMatchObject({ failure: { code: 'KEY_REUSED' } })
  expect(await ask(runtime, 'note', { text: 'x' }, 'k')).toMatchObject({ status: 'done' })
})

test('what another worker had admitted under the key is taken into sight, and run', async () => {
  const { runtime, world } = await unread('mail', { to: 'a' })
  expect((await snapshot(runtime)).waiting).toBe(0)
  expect(await ask(runtime, 'mail', { to: 'a' }, 'k')).toMatchObject({ status: 'queued' })
  expect((await snapshot(runtime)).waiting).toBe(1)
  await wake(runtime)
  expect(await look(runtime, 'k')).toMatchObject({ status: 'done' })
  expect(world.sent).toHaveLength(1)
})

test('a result is told again while the disk cannot even be read', async () => {
  const world = createWorld()
  const { commit: write, get: read } = world.ports.store
  let broken = 0
  world.answer = () => {
    broken = 4
    return { kind: 'answer', status: 200, body: { sent: true } }
  }
  // Another worker has moved the row: this one must read it before it can tell its word of it.
  world.ports.store.commit = async (changes) => (broken === 4 ? { ok: true, value: changes.map(() => ({ kind: 'conflict' })) } : write(changes))
  world.ports.store.get = async (id) => (broken-- > 0 ? err(BROKEN) : read(id))
  const runtime = boot(world, ACTIONS)
  await ask(runtime, 'fax', { to: 'a' }, 'f')
  await wake(runtime)
  expect(await look(runtime, 'f')).toMatchObject({ status: 'done', result: { sent: true } })
  expect(world.sent).toHaveLength(1)
})

test('a fact that another worker was faster than is told to what that one wrote', async () => {
  const { world, runtime, gate } = await unread('mail', { to: 'a' })
  const commit = world.ports.store.commit.bind(world.ports.store)
  let conflicts = 1
  world.ports.store.commit = async (changes) => (conflicts-- > 0 ? { ok: true, value: changes.map(() => ({ kind: 'conflict' })) } : commit(changes))
  expect(await runtime.commands.cancel({ key: 'k' }, gate)).toEqual({ ok: true, value: true })
  expect(await look(runtime, 'k')).toMatchObject({ status: 'cancelled' })
})
