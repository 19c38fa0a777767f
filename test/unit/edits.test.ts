/** A dead receipt, edited: it ends when the new form of it is durable, and not a moment before. */
import { expect, test } from 'vitest'
import * as v from '../../src/protocol/schema.ts'
import { http } from '../../sw/boot/effects.ts'
import type { Actions } from '../../sw/ports/action.ts'
import type { Runtime } from '../../sw/runtime/runtime.ts'
import { createWorld, type World } from '../support/memory-ports.ts'
import { ask, boot, look, wake } from '../support/runtime-driver.ts'

const actions: Actions = {
  order: {
    version: 1,
    params: v.strictObject({ n: v.number() }),
    lane: { base: 'GREEN', because: 'small', rules: [{ id: 'many', when: { param: 'n', above: '100' }, lane: 'BLOCKED', because: 'too many' }] },
    effect: http({ url: '/api/order' }),
  },
}

/** A device on which the order of one was refused by the back end, for good. */
const withDead = async (): Promise<{ world: World; runtime: Runtime }> => {
  const world = createWorld()
  world.answer = ({ params: { n } }) => ({ kind: 'answer', status: n === 1 ? 400 : 200, body: null })
  const runtime = boot(world, actions)
  await ask(runtime, 'order', { n: 1 }, 'old')
  await wake(runtime)
  expect(await look(runtime, 'old')).toMatchObject({ status: 'dead' })
  return { world, runtime }
}

test('an edit that is taken ends the old one', async () => {
  const { runtime } = await withDead()
  expect(await ask(runtime, 'order', { n: 2 }, 'new', { replaces: 'old' })).toMatchObject({ status: 'queued' })
  expect(await look(runtime, 'old')).toMatchObject({ status: 'cancelled' })
})

test('an edit that policy blocks leaves the old one for another try', async () => {
  const { runtime } = await withDead()
  expect(await ask(runtime, 'order', { n: 200 }, 'new', { replaces: 'old' })).toMatchObject({
    status: 'refused',
    failure: { code: 'POLICY_BLOCKED' },
  })
  expect(await look(runtime, 'old')).toMatchObject({ status: 'dead' })
  expect(await ask(runtime, 'order', { n: 2 }, 'newer', { replaces: 'old' })).toMatchObject({ status: 'queued' })
})

test('an edit under a key that was used for something else is refused, and leaves the old one', async () => {
  const { runtime } = await withDead()
  await ask(runtime, 'order', { n: 7 }, 'used')
  expect(await ask(runtime, 'order', { n: 2 }, 'used', { replaces: 'old' })).toMatchObject({ status: 'refused', failure: { code: 'KEY_REUSED' } })
  expect(await look(runtime, 'old')).toMatchObject({ status: 'dead' })
})

test('an edit that cannot be stored leaves the old one', async () => {
  const { world, runtime } = await withDead()
  world.ports.store.commit = async () => ({ ok: false, error: { code: 'QUOTA', name: 'QuotaExceededError' } })
  expect(await ask(runtime, 'order', { n: 2 }, 'new', { replaces: 'old' })).toMatchObject({ failure: { code: 'STORAGE_FAILED' } })
  expect(await look(runtime, 'old')).toMatchObject({ status: 'dead' })
})

test('an edit needs a key of its own: under the old one it is refused, also when nothing was changed', async () => {
  const { runtime } = await withDead()
  expect(await ask(runtime, 'order', { n: 2 }, 'old', { replaces: 'old' })).toMatchObject({ status: 'refused', failure: { code: 'KEY_REUSED' } })
  expect(await ask(runtime, 'order', { n: 1 }, 'old', { replaces: 'old' })).toMatchObject({ status: 'dead' })
  expect(await look(runtime, 'old')).toMatchObject({ status: 'dead' })
})

test('an edit whose worker died between the two steps ends the old one when it is asked for again', async () => {
  const { world, runtime } = await withDead()
  const commit = world.ports.store.commit.bind(world.ports.store)
  let commits = 0
  world.ports.store.commit = (changes) =>
    ++commits === 2 ? Promise.resolve({ ok: false, error: { code: 'ABORTED', name: 'AbortError' } }) : commit(changes)
  world.online = false
  await ask(runtime, 'order', { n: 2 }, 'new', { replaces: 'old' })
  expect([await look(runtime, 'old'), await look(runtime, 'new')]).toMatchObject([{ status: 'dead' }, { status: 'queued' }])
  expect(await ask(runtime, 'order', { n: 2 }, 'new', { replaces: 'old' })).toMatchObject({ status: 'queued' })
  expect(await look(runtime, 'old')).toMatchObject({ status: 'cancelled' })
})
