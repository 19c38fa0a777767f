/** A token that the back end refuses: renewed once for all, and a person is asked only when the renewed one is refused too (trap 12). */
import { expect, test } from 'vitest'
import { err, ok, type Result } from '../../src/base/result.ts'
import * as v from '../../src/protocol/schema.ts'
import { http } from '../../sw/boot/effects.ts'
import type { Actions } from '../../sw/ports/action.ts'
import type { AuthFailure, Tokens } from '../../sw/ports/auth-server.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld } from '../support/memory-ports.ts'
import { tokensOf } from '../support/memory-server.ts'
import { ask, boot, look, signIn, snapshot, wake } from '../support/runtime-driver.ts'
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

/** Three receipts wait; the back end takes none but the `good` token; each renewal gives the next one. */
const waiting = async (action: 'mail' | 'bulk', good: string, renewal?: Result<Tokens, AuthFailure>) => {
  const { world, runtime } = await signedIn(actions)
  let renewals = 0
  const { server } = world.ports
  if (server) {
    server.auth.refresh = async () => {
      renewals += 1
      return renewal ?? ok({ ...tokensOf('anna'), access: `a-anna-${renewals}` })
    }
  }
  const tokens: (string | null)[] = []
  world.answer = ({ token }) => (
    tokens.push(token),
    token === good ? { kind: 'answer', status: 200, body: null } : { kind: 'answer', status: 401, body: null }
  )
  world.answerBatch = (byKey) =>
    [...byKey.values()].some((each) => 'status' in each && each.status === 401)
      ? { kind: 'answer', status: 401, body: null }
      : { kind: 'answers', byKey }
  world.online = false
  for (let i = 0; i < 3; i++) await ask(runtime, action, action === 'mail' ? { to: 'a' } : { n: i }, `k${i}`)
  world.online = true
  await wake(runtime)
  return { world, runtime, tokens, renewals: () => renewals }
}

test.each(['mail', 'bulk'] as const)('one renewal serves all whose token was refused (%s), and each is done under its key', async (action) => {
  const { runtime, tokens, renewals } = await waiting(action, 'a-anna-1')
  for (const key of ['k0', 'k1', 'k2']) expect(await look(runtime, key)).toMatchObject({ status: 'done', attempts: 2 })
  expect(renewals()).toBe(1)
  expect(tokens.toSorted()).toEqual(['a-anna', 'a-anna', 'a-anna', 'a-anna-1', 'a-anna-1', 'a-anna-1'])
})

test.each(['mail', 'bulk'] as const)('a renewed token that is refused as well asks for a sign-in (%s), and the sign-in goes on', async (action) => {
  const { world, runtime, tokens, renewals } = await waiting(action, 'a-ben')
  expect(await snapshot(runtime)).toMatchObject({ needsSignIn: true, waiting: 3, attention: 0 })
  expect(await look(runtime, 'k0')).toMatchObject({ status: 'held', waitingFor: 'sign-in' })
  expect(tokens.length).toBeLessThanOrEqual(6)
  expect(renewals()).toBe(1)
  world.now += 3_600_000
  await wake(runtime)
  expect(tokens.length).toBeLessThanOrEqual(6)
  world.answer = () => ({ kind: 'answer', status: 200, body: null })
  world.answerBatch = null
  await signIn(runtime, 'anna')
  await wake(runtime)
  expect(await snapshot(runtime)).toMatchObject({ needsSignIn: false, waiting: 0 })
})

test('a renewal that nobody answers asks for no sign-in: the work waits for the network', async () => {
  const { runtime } = await waiting('mail', 'a-anna-1', err('unreachable'))
  expect(await snapshot(runtime)).toMatchObject({ needsSignIn: false, waiting: 3 })
  expect(await look(runtime, 'k0')).toMatchObject({ status: 'queued', waitingFor: 'network' })
})

test('a renewal that is refused asks for a sign-in', async () => {
  const { runtime } = await waiting('mail', 'a-anna-1', err('refused'))
  expect(await snapshot(runtime)).toMatchObject({ needsSignIn: true, waiting: 3 })
  expect(await look(runtime, 'k0')).toMatchObject({ status: 'held', waitingFor: 'sign-in' })
})

test('without a session a back end that asks for one leaves the work waiting for it', async () => {
  const world = createWorld()
  let asked = 0
  world.answer = () => ({ kind: 'answer', status: ++asked > 3 ? 200 : 401, body: null })
  const runtime = boot(world, actions)
  await ask(runtime, 'mail', { to: 'a' }, 'k')
  world.ports.clock.sleep = async (ms) => {
    expect(await look(runtime, 'k')).toMatchObject({ status: 'queued', waitingFor: 'sign-in' })
    world.now += ms
  }
  await wake(runtime)
  expect(await look(runtime, 'k')).toMatchObject({ status: 'done', attempts: 4 })
})

test('while a person must sign in, what is only owed to the shared ledger keeps nobody awake; the sign-in brings it there', async () => {
  const { world, server, runtime } = await signedIn(actions)
  server.isRefusing = true
  await ask(runtime, 'note', { text: 'x' }, 'n')
  await wake(runtime)
  expect(await snapshot(runtime)).toMatchObject({ needsSignIn: true })
  let marks = 0
  world.ports.wake.request = async () => void marks++
  const asked = server.requests.length
  expect([await wake(runtime), marks]).toEqual([true, 0])
  expect(server.requests.length).toBe(asked)
  server.isRefusing = false
  await signIn(runtime, 'anna')
  await wake(runtime)
  expect(await look(runtime, 'n')).toMatchObject({ status: 'done', synced: true })
})
