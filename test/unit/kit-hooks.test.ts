/** What an app adds to its worker makes nothing easier and holds nobody up, whatever goes wrong in it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { ApprovalView } from '../../src/protocol/views.ts'
import { failure } from '../../src/protocol/failure.ts'
import { serveCall } from '../../sw/boot/serve-call.ts'
import { PROTOCOL } from '../../src/protocol/version.ts'
import { forWindow } from '../../sw/core/gate-state.ts'
import type { ReceiptRecord } from '../../sw/core/receipt-record.ts'
import { allOf, type Asked, type KitHooks, type KitHost, type Subject } from '../../sw/runtime/kit.ts'
import * as v from '../../src/protocol/schema.ts'
import { ok } from '../../src/base/result.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld, type World } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { ask, boot, look, signIn, wake } from '../support/runtime-driver.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const asked = {} as Asked
const record = { call: {} } as ReceiptRecord
const view = { key: 'k' } as unknown as ApprovalView
const GREEN = { lane: 'GREEN', reasons: [] } as const

const broken = (fail: () => Promise<never>): KitHooks => ({ judge: fail, approve: fail, recheck: fail, attest: fail, digest: fail, start: fail })

test.each([
  ['throws', broken(() => Promise.reject(new Error('no')))],
  [
    'throws at once',
    broken(() => {
      throw new Error('no')
    }),
  ],
  ['never settles', broken(() => new Promise<never>(() => undefined))],
] as const)('a kit that %s: a person is asked, what must be checked waits, and nobody waits for ever', async (_what, kit) => {
  const hooks = allOf([kit])
  const judged = hooks.judge(asked, GREEN)
  const approved = hooks.approve(record, null)
  const rechecked = hooks.recheck(record)
  const proofs = Promise.allSettled([hooks.attest(record), hooks.digest(record)])
  const started = hooks.start()
  await vi.advanceTimersByTimeAsync(LIMITS.hookMs)
  expect((await judged).lane).toBe('RED')
  expect(await approved).toMatchObject({ ok: false, error: { code: 'WORKER_FAULT' } })
  expect(await rechecked).toBe('wait')
  expect((await proofs).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await started).toBeTypeOf('boolean')
})

test('a kit that answers is taken at its word', async () => {
  const hooks = allOf([
    {
      judge: async () => ({ lane: 'YELLOW', reasons: ['so'] }),
      approve: async () => ok('evidence'),
      recheck: async () => null,
      attest: async () => 'proof',
      digest: async () => 'digest',
      start: async () => undefined,
    },
  ])
  expect((await hooks.judge(asked, GREEN)).lane).toBe('YELLOW')
  expect(await hooks.approve(record, null)).toEqual(ok('evidence'))
  expect([await hooks.recheck(record), await hooks.attest(record), await hooks.digest(record), await hooks.start()]).toEqual([
    null,
    'proof',
    'digest',
    true,
  ])
  expect(vi.getTimerCount()).toBe(0)
})

test('a kit that throws where it is told or asked for a look changes nothing; one that cannot say whether it stops, stops', () => {
  const fail = (): never => {
    throw new Error('no')
  }
  const run = { state: 'run', cause: 'none', version: 0, checkedAt: null } as const
  const hooks = allOf([{ changed: fail, present: fail, stop: fail }])
  expect(() => hooks.changed(record)).not.toThrow()
  expect(hooks.present(view, record)).toBe(view)
  expect(hooks.holds(record)).toBe(true)
  expect(hooks.gate(run, {} as Subject).state).toBe('readonly')
  const other = allOf([{ stop: () => null, present: (shown) => ({ ...shown, key: 'other' }) as unknown as ApprovalView }])
  expect([other.holds(record), other.gate(run, {} as Subject).state, other.present(view, record)]).toEqual([false, 'run', { key: 'other' }])
})

const withKit = (kit: KitHooks, world: World = createWorld()) => {
  let host: KitHost | null = null
  Object.assign(world.ports, { kits: [(given: KitHost) => ((host = given), kit)] })
  return { world, runtime: boot(world, ACTIONS), host: () => host as unknown as KitHost }
}

test('a kit whose start failed once is started again, and commands are answered before it', async () => {
  let starts = 0
  const { runtime } = withKit({ start: async () => ((starts += 1) === 1 ? Promise.reject(new Error('no')) : undefined) })
  expect((await ask(runtime, 'note', { text: 'a' }, 'a')).status).toBe('done')
  expect((await ask(runtime, 'note', { text: 'b' }, 'b')).status).toBe('done')
  expect((await ask(runtime, 'note', { text: 'c' }, 'c')).status).toBe('done')
  expect(starts).toBe(2)
})

test.each([
  ['recheck', 'wait'],
  ['recheck', 'throws'],
  ['digest', 'throws'],
] as const)('work whose %s %s waits, and runs when it is there again', async (name, how) => {
  let isBroken = true
  const hook = async (): Promise<null | 'wait'> => {
    if (isBroken && how === 'throws') throw new Error('no')
    return isBroken ? 'wait' : null
  }
  const world = createWorld()
  withServer(world)
  const { runtime } = withKit({ [name]: hook } as KitHooks, world)
  await runtime.prepare()
  await signIn(runtime, 'anna')
  await ask(runtime, 'mail', { to: 'a' }, 'm')
  await runtime.pump.idle()
  expect(world.sent).toEqual([])
  expect((await look(runtime, 'm'))?.status).toBe('queued')
  isBroken = false
  world.now += 600_000
  await wake(runtime)
  expect(world.sent).toHaveLength(1)
})

test('a token is got for the person whose work it is, and for nobody else who is signed in (trap 10)', async () => {
  const world = createWorld()
  withServer(world)
  const { runtime, host } = withKit({}, world)
  await runtime.prepare()
  await signIn(runtime, 'anna')
  expect(await host().token({ tenant: 'demo', user: 'anna' })).toBe('a-anna')
  expect(await host().token({ tenant: 'demo', user: 'ben' })).toBeNull()
  expect(await host().token({ tenant: 'other', user: 'anna' })).toBeNull()
})

test('while MAESTRO is off kits do nothing but what stops or lets run again; a stop waits for no start', async () => {
  const answer = { args: v.strictObject({}), run: async () => ok('did') }
  const never = new Promise<never>(() => undefined)
  const { runtime } = withKit({ commands: { recall: answer, 'kill.offer': answer } })
  const call = async (name: string, gate = runtime.gate.view()): Promise<unknown> => {
    let said: unknown
    const message = { id: '1', type: 'APPLY', path: [name], argumentList: [] }
    const served = { ...runtime, prepare: () => (name === 'recall' ? Promise.resolve() : never) }
    await serveCall(message, PROTOCOL, { gate }, served, async (reply) => void (said = (reply as { value: unknown }).value))
    return said
  }
  expect([await call('recall'), await call('kill.offer')]).toEqual([ok('did'), ok('did')])
  const off = { ...runtime.gate.view(), state: 'kill', cause: 'remote' } as const
  expect(await call('recall', off)).toMatchObject({ ok: false, error: { code: 'DISABLED' } })
  expect([await call('kill.offer', off), await call('refreshGate', off)]).toMatchObject(Array(2).fill({ ok: true }))
})

test('a page that switches itself off sees that, and never less than what holds for all', () => {
  const safe = { state: 'safe-worker', cause: 'remote', version: 1, checkedAt: null } as const
  expect(forWindow(safe, true)).toBe(safe)
  expect(forWindow({ ...safe, state: 'run', cause: 'none' }, true)).toMatchObject({ state: 'kill', cause: 'window' })
  expect(forWindow({ ...safe, state: 'run', cause: 'none' }, false)).toMatchObject({ state: 'run' })
})

test('policy is asked again when a person has a dead receipt tried once more; what it forbids ends as dead, not as never begun', async () => {
  const world = createWorld()
  let allows = true
  let asked = 0
  const recheck = async () => ((asked += 1), allows ? null : failure('POLICY_BLOCKED', 'not any more'))
  const { runtime } = withKit({ recheck }, world)
  world.answer = () => ({ kind: 'answer', status: 400, body: null })
  await ask(runtime, 'mail', { to: 'a' }, 'm')
  await wake(runtime)
  expect([(await look(runtime, 'm'))?.status, asked]).toEqual(['dead', 1])
  const retry = () => runtime.commands.retry({ key: 'm' }, { gate: runtime.gate.view() })
  await retry()
  await wake(runtime)
  expect([world.sent.length, asked]).toEqual([2, 2])
  allows = false
  await retry()
  await wake(runtime)
  expect(world.sent).toHaveLength(2)
  expect(await look(runtime, 'm')).toMatchObject({ status: 'dead', failure: { code: 'POLICY_BLOCKED' } })
})
