/** What may happen between an answer and its receipt. */
import { expect, test } from 'vitest'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import { http } from '../../sw/boot/effects.ts'
import type { Actions } from '../../sw/ports/action.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld, type World } from '../support/memory-ports.ts'
import { ask, boot, decide, look, wake } from '../support/runtime-driver.ts'
import { signedIn } from '../support/signed-in.ts'

const actions: Actions = {
  ...ACTIONS,
  bulk: {
    version: 1,
    params: v.strictObject({ n: v.number() }),
    lane: { base: 'GREEN', because: 'known' },
    effect: http({ url: '/api/bulk', batch: { url: '/api/bulk-batch', max: 4 } }),
  },
}

/** Three receipts of one batch route, and a route that says no, after `meanwhile`. */
const refusedRoute = async (world: World, meanwhile: (runtime: ReturnType<typeof boot>, batches: number) => Promise<unknown>) => {
  let batches = 0
  world.ports.http.sendBatch = async () => (await meanwhile(runtime, ++batches), { kind: 'answer', status: 404, body: null })
  const runtime = boot(world, actions)
  world.online = false
  for (let i = 0; i < 3; i++) await ask(runtime, 'bulk', { n: i }, `k${i}`)
  world.online = true
  await wake(runtime)
  return runtime
}

test('a stop that comes while a batch route refuses is kept: nothing of it goes alone (law 7)', async () => {
  const world = createWorld()
  const runtime = await refusedRoute(world, (there) => there.gate.envOff())
  expect(world.sent).toHaveLength(0)
  expect(await look(runtime, 'k0')).toMatchObject({ status: 'held', waitingFor: 'gate', attempts: 1 })
})

test('a batch route that refuses too late leaves no lease to go alone under: each begins anew (law 4)', async () => {
  const world = createWorld()
  const runtime = await refusedRoute(world, async (_there, batches) => {
    if (batches === 1) world.now += LIMITS.leaseMs + 1
  })
  for (const key of ['k0', 'k1', 'k2']) expect(await look(runtime, key)).toMatchObject({ status: 'done', attempts: 2 })
  expect(world.sent).toHaveLength(3)
})

test('a result that the disk never takes is told for as long as the lease lasts, not for ever', async () => {
  const world = createWorld()
  const commit = world.ports.store.commit.bind(world.ports.store)
  let isFull = false
  world.answer = () => ((isFull = true), { kind: 'answer', status: 200, body: null })
  let tries = 0
  world.ports.store.commit = async (changes) =>
    isFull ? (tries++, { ok: false, error: { code: 'QUOTA', name: 'QuotaExceededError' } }) : commit(changes)
  world.ports.wake.request = async () => {
    isFull = false
  }
  const runtime = boot(world, actions)
  await ask(runtime, 'fax', { to: 'a' }, 'f')
  await wake(runtime)
  expect(tries).toBeGreaterThan(5)
  expect(tries).toBeLessThan((2 * LIMITS.leaseMs) / LIMITS.backoffBaseMs)
  expect(world.sent).toHaveLength(1)
})

test('an approval that ends while the claim is under way runs nothing', async () => {
  const { world, server, runtime } = await signedIn(actions)
  world.online = false
  await ask(runtime, 'pay', { amount: '5' }, 'p')
  await decide(runtime, 'p', 'approve')
  await runtime.pump.idle()
  world.online = true
  // The claim's answer tells that it is later than this device knew.
  world.now += LIMITS.approvalTtlMs + 60_000
  let isTold = false
  server.now = () => (isTold ? world.now : world.now - LIMITS.approvalTtlMs)
  const request = world.ports.server?.receipts
  if (!request || !world.ports.server) throw new Error('no server')
  Object.assign(world.ports.server, {
    receipts: (onKillVersion: (version: number) => void) => {
      const real = request(onKillVersion)
      return { ...real, sync: (...args: Parameters<typeof real.sync>) => ((isTold ||= args[0].claims.length > 0), real.sync(...args)) }
    },
  })
  const late = boot(world, actions)
  await wake(late)
  expect(world.sent).toHaveLength(0)
  expect(await look(late, 'p')).toMatchObject({ status: 'expired' })
})

test('an approval has ended only when the server’s clock says so as well: this device’s alone may be wrong', async () => {
  const { world, server, runtime } = await signedIn(actions)
  world.online = false
  await ask(runtime, 'pay', { amount: '5' }, 'p')
  await decide(runtime, 'p', 'approve')
  await runtime.pump.idle()
  const truth = world.now
  server.now = () => truth
  world.now += 30 * 86_400_000
  world.online = true
  await wake(boot(world, actions))
  expect(world.sent).toHaveLength(1)
})

/** A receipt as it lies on the disk, changed there. */
const rewrite = (world: World, change: (record: Record<string, unknown>) => object): void => {
  const flip = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes, (byte) => byte ^ 0x5a)
  for (const [id, row] of world.disk.rows) {
    const record = JSON.parse(new TextDecoder().decode(flip(row.sealed))) as Record<string, unknown>
    world.disk.rows.set(id, { ...row, sealed: flip(new TextEncoder().encode(JSON.stringify(change(record)))) })
  }
}

test.each([
  ['that needs nobody', {}, 'done'],
  ['that was stamped to ask a person', { asks: true }, 'dead'],
  ['that this build would ask a person for', { lane: 'RED' }, 'dead'],
] as const)('a row %s and has no approval: what counts is the stricter of its stamp and this build (law 6)', async (_what, changed, status) => {
  const world = createWorld()
  world.online = false
  const before = boot(world, actions)
  await ask(before, 'invite', { to: 'a' }, 'i')
  await before.pump.idle()
  rewrite(world, (record) => ({ ...record, ...changed }))
  world.online = true
  world.now += 60_000
  const runtime = boot(world, actions)
  await wake(runtime)
  expect(await look(runtime, 'i')).toMatchObject({ status })
  expect(world.sent).toHaveLength(status === 'done' ? 1 : 0)
})

test('of a YELLOW action whose window to undo is gone from the build, a person is asked who was not asked before (law 6)', async () => {
  const world = createWorld()
  world.online = false
  const before = boot(world, actions)
  await ask(before, 'invite', { to: 'a' }, 'i')
  await before.pump.idle()
  world.online = true
  world.now += 60_000
  const { undoMs: _gone, ...invite } = ACTIONS.invite
  const runtime = boot(world, { ...actions, invite })
  await wake(runtime)
  expect(await look(runtime, 'i')).toMatchObject({ status: 'dead', failure: { code: 'APPROVAL_CHANGED' } })
  expect(world.sent).toHaveLength(0)
})
