/** What a person has tried once more counts as asked for again: its approval must still hold. */
import { expect, test } from 'vitest'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld, type World } from '../support/memory-ports.ts'
import { ask, boot, decide, look, wake } from '../support/runtime-driver.ts'
import type { Runtime } from '../../sw/runtime/runtime.ts'

const DAY_MS = 86_400_000

/** A payment that was approved, sent, and refused by the back end. */
const withDead = async (): Promise<{ world: World; runtime: Runtime }> => {
  const world = createWorld()
  world.answer = () => ({ kind: 'answer', status: 400, body: null })
  const runtime = boot(world, ACTIONS)
  await ask(runtime, 'pay', { amount: '1' }, 'p')
  await decide(runtime, 'p', 'approve')
  await wake(runtime)
  expect(await look(runtime, 'p')).toMatchObject({ status: 'dead' })
  world.answer = () => ({ kind: 'answer', status: 200, body: { done: true } })
  return { world, runtime }
}

const retry = async ({ world, runtime }: { world: World; runtime: Runtime }, afterMs: number): Promise<void> => {
  world.now += afterMs
  await runtime.commands.retry({ key: 'p' }, { gate: runtime.gate.view() })
  await wake(runtime)
}

test('tried again while its approval holds, a dead payment runs; after its end it expires and nothing is sent (law 6)', async () => {
  const inTime = await withDead()
  await retry(inTime, 6 * DAY_MS)
  expect(await look(inTime.runtime, 'p')).toMatchObject({ status: 'done' })
  const late = await withDead()
  await retry(late, 8 * DAY_MS)
  expect(await look(late.runtime, 'p')).toMatchObject({ status: 'expired', failure: { code: 'EXPIRED' } })
  expect([inTime.world.sent.length, late.world.sent.length]).toEqual([2, 1])
})

test('taken back after its approval has ended, an exported payment expires, also where it had been tried; in time it runs', async () => {
  for (const [days, status] of [
    [6, 'done'],
    [8, 'expired'],
  ] as const) {
    const given = await withDead()
    given.world.answer = () => ({ kind: 'lost' })
    await retry(given, 0)
    const sent = given.world.sent.length
    given.world.answer = () => ({ kind: 'answer', status: 200, body: { done: true } })
    const packed = await given.runtime.commands.export({ keys: ['p'] }, { gate: given.runtime.gate.view() })
    expect(packed.ok).toBe(true)
    expect(await look(given.runtime, 'p')).toMatchObject({ status: 'held' })
    await retry(given, days * DAY_MS)
    expect((await look(given.runtime, 'p'))?.status).toBe(status)
    expect(given.world.sent.length - sent).toBe(status === 'done' ? 1 : 0)
  }
})

test('a lost answer is asked for again under the same approval, however long the network was away', async () => {
  const world = createWorld()
  world.answer = () => ({ kind: 'lost' })
  const runtime = boot(world, ACTIONS)
  await ask(runtime, 'pay', { amount: '1' }, 'p')
  await decide(runtime, 'p', 'approve')
  await wake(runtime)
  world.answer = () => ({ kind: 'answer', status: 200, body: { done: true } })
  world.now += 8 * DAY_MS
  await wake(runtime)
  expect((await look(runtime, 'p'))?.status).toBe('done')
})
