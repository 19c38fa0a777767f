/** Six effects at a time, their leases written ahead, and nothing sent that was stopped in between. */
import { expect, test } from 'vitest'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { HttpOutcome } from '../../sw/ports/http-effect.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { eventually } from '../support/eventually.ts'
import { createWorld } from '../support/memory-ports.ts'
import { ask, boot, decide, look } from '../support/runtime-driver.ts'

const OK: HttpOutcome = { kind: 'answer', status: 200, body: null }
const COUNT = 20
const SIX = LIMITS.parallelEffectsMax

/** Twenty that are due, with a far end that answers when it is told to, one by one. */
const underWay = async (action: string) => {
  const world = createWorld()
  const answers: ((outcome: HttpOutcome) => void)[] = []
  world.answer = () => new Promise((resolve) => answers.push(resolve))
  const runtime = boot(world, ACTIONS)
  world.online = false
  for (let i = 0; i < COUNT; i++) await ask(runtime, action, { to: 'a' }, `k${i}`)
  await runtime.pump.idle()
  world.online = true
  const drain = runtime.pump.drain({ isNetworkBack: true })
  const isLeased = async (i: number): Promise<boolean> => (await look(runtime, `k${i}`))?.waitingFor === 'running'
  const leased = async (): Promise<number> => (await Promise.all(Array.from({ length: COUNT }, (_, i) => isLeased(i)))).filter(Boolean).length
  return { world, runtime, answers, drain, leased }
}

test.each([
  ['mail', 2 * SIX],
  ['fax', SIX],
] as const)('of %s six are under way, and %i have their lease: where no key is kept, none is leased before its turn', async (action, leases) => {
  const { world, answers, drain, leased } = await underWay(action)
  await eventually('the leases', async () => (await leased()) === leases)
  expect(world.sent).toHaveLength(SIX)
  for (let done = 0; done < COUNT; done++) {
    const answer = await eventually('one more under way', () => answers.shift())
    expect(answers.length).toBeLessThan(SIX)
    answer(OK)
  }
  expect(await drain).toBe(true)
  expect(new Set(world.sent.map(({ key }) => key)).size).toBe(COUNT)
  expect(world.sent).toHaveLength(COUNT)
})

test('a stop that comes between a lease and its turn holds it, and it runs when the stop is lifted (law 7)', async () => {
  const { world, runtime, answers, leased } = await underWay('mail')
  await eventually('the leases', async () => (await leased()) === 2 * SIX)
  await runtime.gate.envOff()
  for (const answer of answers.splice(0)) answer(OK)
  await runtime.pump.idle()
  expect(world.sent).toHaveLength(SIX)
  expect(await leased()).toBe(0)
  expect(await look(runtime, `k${SIX}`)).toMatchObject({ status: 'held', waitingFor: 'gate' })
})

test('of what is RED none has its lease before its turn: the gate’s word is asked for right before it (law 7)', async () => {
  const world = createWorld()
  const answers: ((outcome: HttpOutcome) => void)[] = []
  world.answer = () => new Promise((resolve) => answers.push(resolve))
  const runtime = boot(world, ACTIONS)
  world.online = false
  for (let i = 0; i < COUNT; i++) {
    await ask(runtime, 'pay', { amount: '5' }, `p${i}`)
    await decide(runtime, `p${i}`, 'approve')
  }
  await runtime.pump.idle()
  world.online = true
  const drain = runtime.pump.drain({ isNetworkBack: true })
  await eventually('six under way', () => world.sent.length === SIX)
  const states = await Promise.all(Array.from({ length: COUNT }, (_, i) => look(runtime, `p${i}`)))
  expect(states.filter((each) => each?.waitingFor === 'running')).toHaveLength(SIX)
  for (let done = 0; done < COUNT; done++) (await eventually('one more under way', () => answers.shift()))(OK)
  expect(await drain).toBe(true)
})

test('a lease whose end came near while others took long is not used: it is taken anew', async () => {
  const { world, answers, drain, leased } = await underWay('mail')
  await eventually('the leases', async () => (await leased()) === 2 * SIX)
  world.now += LIMITS.leaseMs - LIMITS.effectTimeoutMs + 1
  const before = world.sent.length
  for (const answer of answers.splice(0)) answer(OK)
  world.answer = () => OK
  expect(await drain).toBe(true)
  expect(world.sent.length - before).toBe(COUNT - SIX)
  expect(new Set(world.sent.map(({ key }) => key)).size).toBe(COUNT)
})
