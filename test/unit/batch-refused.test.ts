/** A batch route that is refused as such: each of its items begins again by itself, with a lease of its own. */
import { expect, test } from 'vitest'
import * as v from '../../src/protocol/schema.ts'
import { http } from '../../sw/boot/effects.ts'
import type { Actions } from '../../sw/ports/action.ts'
import { createWorld } from '../support/memory-ports.ts'
import { ask, boot, look, wake } from '../support/runtime-driver.ts'

const actions: Actions = {
  step: {
    version: 1,
    params: v.strictObject({ n: v.number() }),
    lane: { base: 'GREEN', because: 'small' },
    effect: http({ url: '/api/step', batch: { url: '/api/steps', max: 10 } }),
  },
}
const KEYS = ['1', '2', '3']

/** Three steps that a batch route refuses; `during` runs while it does. */
const refusedBatch = async (during: () => void = () => undefined, stops: () => boolean = () => false) => {
  const world = createWorld()
  const leases: (number | undefined)[] = []
  Object.assign(world.ports, { kits: [() => ({ stop: () => (stops() ? 'kill' : null) })] })
  world.online = false
  const runtime = boot(world, actions)
  for (const key of KEYS) await ask(runtime, 'step', { n: Number(key) }, key)
  await runtime.pump.idle()
  world.online = true
  world.ports.http.sendBatch = async ({ items }) => {
    world.batches.push(items.map(({ key }) => key))
    during()
    world.now += 40_000
    return { kind: 'answer', status: 404, body: null } as never
  }
  world.answer = async ({ key }) => {
    leases.push((await look(runtime, key))?.attempts)
    return { kind: 'answer', status: 200, body: null }
  }
  await wake(runtime)
  return { world, runtime, leases, statuses: await Promise.all(KEYS.map(async (key) => (await look(runtime, key))?.status)) }
}

test('each is sent once, under a second lease, and the batch is not tried again', async () => {
  const { world, leases, statuses } = await refusedBatch()
  expect(statuses).toEqual(['done', 'done', 'done'])
  expect(world.sent.map(({ key }) => key)).toEqual(KEYS)
  expect([world.batches.length, leases]).toEqual([1, [2, 2, 2]])
})

test('a stop for these alone that comes meanwhile holds all of them (law 7)', async () => {
  let isStopped = false
  const { world, statuses } = await refusedBatch(
    () => (isStopped = true),
    () => isStopped,
  )
  expect(world.sent).toEqual([])
  expect(statuses).toEqual(['held', 'held', 'held'])
})
