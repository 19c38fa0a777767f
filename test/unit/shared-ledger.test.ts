/** The shared ledger as one device meets it: what it will not take, what it does not know, and who holds what. */
import { expect, test } from 'vitest'
import * as LIMITS from '../../src/protocol/limits.ts'
import { admit } from '../../sw/core/admit.ts'
import { createCounters } from '../../sw/runtime/counters.ts'
import type { Gate } from '../../sw/runtime/gate.ts'
import type { Ledger } from '../../sw/runtime/ledger.ts'
import { localSession } from '../../sw/runtime/local-only.ts'
import { createServerTime } from '../../sw/runtime/server-time.ts'
import { ACTIONS, intent, STAMPS } from '../support/core-fixtures.ts'
import { ask, boot, decide, look, snapshot, wake } from '../support/runtime-driver.ts'
import { signedIn } from '../support/signed-in.ts'

const LATER = LIMITS.leaseMs + 1_000

test('a result that the ledger will never take is told without it, once, and is over', async () => {
  const { server, runtime } = await signedIn(ACTIONS)
  server.isInvalid = (_key, result) => typeof result === 'string'
  await ask(runtime, 'mail', { to: 'a' }, 'k')
  await wake(runtime)
  expect(await look(runtime, 'k')).toMatchObject({ status: 'done', result: { done: true }, synced: true })
  expect(server.rows.get('k')).toMatchObject({ state: 'done', result: null })
  const asked = server.requests.length
  await wake(runtime)
  expect(server.requests.length).toBe(asked)
})

test('an end that the ledger takes in no form is not offered for ever', async () => {
  const { server, runtime } = await signedIn(ACTIONS)
  server.isInvalid = () => true
  await ask(runtime, 'note', { text: 'x' }, 'n')
  await wake(runtime)
  expect(await look(runtime, 'n')).toMatchObject({ status: 'done', synced: true })

  server.isInvalid = (_key, result) => result !== undefined
  await ask(runtime, 'mail', { to: 'a' }, 'k')
  await wake(runtime)
  expect(await look(runtime, 'k')).toMatchObject({ status: 'done', synced: true })
})

test('what another device holds is waited for as long as a lease lasts; then it is what that one said', async () => {
  const { world, server, runtime } = await signedIn(ACTIONS)
  world.answer = () => ({ kind: 'lost' })
  server.word = { state: 'claimed', result: null, fence: 7 }
  await ask(runtime, 'fax', { to: 'a' }, 'f')
  await wake(runtime)
  expect(await look(runtime, 'f')).toMatchObject({ status: 'unknown', waitingFor: 'ledger' })
  server.word = { state: 'done', result: null, fence: 7 }
  world.now += LATER
  await wake(runtime)
  expect(await look(runtime, 'f')).toMatchObject({ status: 'done' })
  expect(world.sent).toHaveLength(1)
})

test('what another device still holds after that is a person’s to decide', async () => {
  const { world, server, runtime } = await signedIn(ACTIONS)
  world.answer = () => ({ kind: 'lost' })
  server.word = { state: 'claimed', result: null, fence: 7 }
  await ask(runtime, 'fax', { to: 'a' }, 'f')
  await wake(runtime)
  world.now += LATER
  await wake(runtime)
  expect(await look(runtime, 'f')).toMatchObject({ status: 'unknown', waitingFor: 'person' })
})

test('what only this device itself ever held is a person’s at once: nobody else is at work', async () => {
  const { world, runtime } = await signedIn(ACTIONS)
  world.answer = () => ({ kind: 'lost' })
  await ask(runtime, 'fax', { to: 'a' }, 'f')
  await wake(runtime)
  expect(await look(runtime, 'f')).toMatchObject({ status: 'unknown', waitingFor: 'person' })
})

/** The shared ledger alone, and what was asked of the server under which token. */
const alone = async () => {
  const { world, server } = await signedIn(ACTIONS)
  const kit = world.ports.server
  if (!kit) throw new Error('no server')
  const sent: [token: string, keys: readonly string[]][] = []
  const real = kit.receipts(() => undefined)
  const ledger = kit.createLedger({
    ...world.ports,
    server: { ...real, sync: (request, token) => (sent.push([token, request.claims.map(({ key }) => key)]), real.sync(request, token)) },
    session: { ...localSession, token: async ({ user }) => ({ kind: 'token', token: user }) },
    counters: createCounters(world.ports),
    ledger: { change: async () => ({ ok: true, value: null }), waiting: () => [] } as unknown as Ledger,
    gate: { view: () => ({ state: 'run' }) } as unknown as Gate,
    time: createServerTime(world.ports, true),
    digest: async () => null,
    onChange: () => undefined,
  })
  const record = (user: string, key: string) =>
    admit(intent('mail', { to: 'a' }, key), ACTIONS.mail, { lane: 'GREEN', reasons: [] }, { ...STAMPS, principal: { tenant: 'demo', user } })
  const claims = () => Promise.all([ledger.claim(record('anna', 'a1')), ledger.claim(record('ben', 'b1')), ledger.claim(record('anna', 'a2'))])
  return { server, sent, claims }
}

test('one request carries one person’s work under that person’s token, also when two people’s is asked for at once', async () => {
  const { server, sent, claims } = await alone()
  expect((await claims()).map(({ kind }) => kind)).toEqual(['claimed', 'claimed', 'claimed'])
  expect(sent).toEqual([
    ['anna', ['a1', 'a2']],
    ['ben', ['b1']],
  ])
  expect(server.rows.size).toBe(3)
})

test('while nobody can be reached, those who wait behind hear it at once; a server that fails is asked by each', async () => {
  for (const [kind, requests] of [
    ['unreachable', 1],
    ['failing', 2],
  ] as const) {
    const { server, sent, claims } = await alone()
    server.failure = { kind }
    expect(await claims()).toEqual(Array.from({ length: 3 }, () => ({ kind: 'failed', why: kind, waitMs: 0 })))
    expect(sent).toHaveLength(requests)
  }
})

test('an intent that a person must decide wakes nobody; one that is due does', async () => {
  const { world, runtime } = await signedIn(ACTIONS)
  await wake(runtime)
  let held = 0
  const hold = world.ports.lock.hold.bind(world.ports.lock)
  world.ports.lock.hold = (name, work) => (held++, hold(name, work))
  const reborn = boot(world, ACTIONS)
  await ask(reborn, 'pay', { amount: '5' }, 'p')
  await reborn.pump.idle()
  expect(held).toBe(0)
  await decide(reborn, 'p', 'approve')
  await reborn.pump.idle()
  expect(held).toBe(1)
  expect((await snapshot(reborn)).waiting).toBe(0)
})

test('a drain that fails asks the browser to come again, and says that work is left', async () => {
  const { world, runtime } = await signedIn(ACTIONS)
  world.online = false
  await ask(runtime, 'mail', { to: 'a' }, 'k')
  let marks = 0
  const reborn = boot(
    { ...world, ports: { ...world.ports, wake: { request: async () => void marks++ }, lock: { hold: () => Promise.reject(new Error('broken')) } } },
    ACTIONS,
  )
  expect(await wake(reborn)).toBe(false)
  expect(marks).toBe(1)
})

test('a ledger that goes on failing is asked less and less often, also for what never got as far as an attempt', async () => {
  const { world, server, runtime } = await signedIn(ACTIONS)
  server.failure = { kind: 'failing' }
  await ask(runtime, 'fax', { to: 'a' }, 'f')
  const waits: number[] = []
  for (let i = 0; i < 12; i++) {
    await wake(runtime)
    const { dueAt = 0, updatedAt = 0 } = (await look(runtime, 'f')) ?? {}
    waits.push(dueAt - updatedAt)
    world.now = dueAt
  }
  expect(waits[0]).toBeGreaterThan(LIMITS.lingerMs)
  expect(waits.at(-1)).toBeGreaterThan(LIMITS.backoffCapMs / 2)
  expect(Math.max(...waits)).toBeLessThanOrEqual(LIMITS.backoffCapMs)
  expect(server.requests.length).toBeLessThan(40)
})
