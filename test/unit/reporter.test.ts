/** What pages are told: what changed, of the person who is signed in, and of nobody else. */
import { expect, test } from 'vitest'
import type { Snapshot } from '../../src/protocol/views.ts'
import type { HttpOutcome } from '../../sw/ports/http-effect.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { ask, boot, signIn, snapshot, wake } from '../support/runtime-driver.ts'
import { signedIn } from '../support/signed-in.ts'

const told = async () => {
  const { world, runtime } = await signedIn(ACTIONS)
  const deltas: Snapshot[] = []
  world.ports.pages.broadcast = async (message) => void (message.type === 'maestro:delta' && deltas.push(message.delta))
  const settle = () => new Promise((resolve) => setTimeout(resolve, 20))
  return { world, runtime, deltas, settle }
}

test('what changes is told, numbered without a gap, and nothing that did not change', async () => {
  const { runtime, deltas, settle } = await told()
  await settle()
  deltas.length = 0
  await ask(runtime, 'note', { text: 'a' }, 'a')
  await settle()
  await ask(runtime, 'note', { text: 'b' }, 'b')
  await settle()
  expect(deltas.at(-1)?.receipts.map(({ key }) => key)).not.toContain('a')
  expect(deltas.flatMap(({ receipts }) => receipts.map(({ key }) => key))).toContain('a')
  const [first = 0] = deltas.map(({ seq }) => seq)
  expect(deltas.map(({ seq }) => seq)).toEqual(deltas.map((_, i) => first + i))
})

test('one person’s pages never hear of another person’s receipts, in deltas or in a snapshot', async () => {
  const { world, runtime, deltas, settle } = await told()
  let answer: (outcome: HttpOutcome) => void = () => undefined
  world.answer = () => new Promise((resolve) => (answer = resolve))
  await ask(runtime, 'mail', { to: 'a' }, 'anna-1')
  await settle()
  await signIn(runtime, 'ben')
  await settle()
  deltas.length = 0
  // Anna's request was under way: it is recorded while Ben looks on.
  answer({ kind: 'answer', status: 200, body: null })
  await ask(runtime, 'note', { text: 'b' }, 'ben-1')
  await settle()
  expect([...world.disk.entries].map(({ kind }) => kind)).toContain('done')
  expect(new Set(deltas.flatMap(({ receipts }) => receipts.map(({ key }) => key)))).toEqual(new Set(['ben-1']))
  expect((await snapshot(runtime)).receipts.map(({ key }) => key)).toEqual(['ben-1'])
  expect(await snapshot(runtime)).toMatchObject({ waiting: 0, principal: { user: 'ben' } })
  await signIn(runtime, 'anna')
  expect((await snapshot(runtime)).receipts).toMatchObject([{ key: 'anna-1', status: 'done' }])
})

test('each kind of waiting is counted once, and what needs a person as well', async () => {
  const { world, runtime } = await told()
  world.answer = ({ key }) => (key === 'dead' ? { kind: 'answer', status: 400, body: null } : { kind: 'lost' })
  for (const key of ['dead', 'unknown']) await ask(runtime, 'fax', { to: 'a' }, key)
  await wake(runtime)
  world.online = false
  await ask(runtime, 'mail', { to: 'a' }, 'waits')
  await ask(runtime, 'pay', { amount: '5' }, 'asks')
  expect(await snapshot(runtime)).toMatchObject({ waiting: 3, attention: 2, parked: 0, quarantined: 0, approvals: [{ key: 'asks' }] })
})

test('what changed is told though more than a snapshot shows came after it, and though the surroundings change with it', async () => {
  const { world, runtime, deltas } = await told()
  world.online = false
  await ask(runtime, 'mail', { to: 'a' }, 'old')
  for (let i = 0; i < 250; i++) await ask(runtime, 'note', { text: 'x' }, `n${i}`)
  const settle = () => new Promise((resolve) => setTimeout(resolve, 40))
  world.ports.clock.sleep = () => new Promise((resolve) => setTimeout(resolve, 10))
  await settle()
  deltas.length = 0
  world.answer = async () => {
    world.flag = { version: 5, issued: '2026-01-01T00:00:00Z', expires: '2099-01-01T00:00:00Z', action: 'run' }
    await runtime.gate.refresh()
    return { kind: 'answer', status: 200, body: null }
  }
  world.online = true
  await wake(runtime)
  await settle()
  expect(deltas.some(({ receipts }) => receipts.length >= 200)).toBe(true)
  expect(deltas.flatMap(({ receipts }) => receipts).filter(({ key, status }) => key === 'old' && status === 'done')).not.toEqual([])
})

test('rows that lay on the disk are not told one by one when a worker opens them; a page’s snapshot has them', async () => {
  const { world, runtime, settle } = await told()
  world.online = false
  for (let i = 0; i < 450; i++) await ask(runtime, 'mail', { to: 'a' }, `k${i}`)
  await settle()
  const reborn = boot(world, ACTIONS)
  const counts: number[] = []
  world.ports.pages.broadcast = async (message) => void (message.type === 'maestro:delta' && counts.push(message.delta.receipts.length))
  await reborn.prepare()
  expect(await snapshot(reborn)).toMatchObject({ waiting: 450 })
  await settle()
  // A snapshot's room, for whoever signed in and for what was opened; not all that lay there.
  expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThan(450)
})

test('what a person must decide is told sooner than what only waits', async () => {
  const firstWait = async (action: string, params: Record<string, string>) => {
    const { world, runtime, settle } = await told()
    await settle()
    const waits: number[] = []
    world.ports.clock.sleep = (ms) => {
      waits.push(ms)
      return new Promise(() => undefined)
    }
    world.online = false
    await ask(runtime, action, params, 'k')
    return waits[0] ?? Infinity
  }
  expect(await firstWait('pay', { amount: '5' })).toBeLessThan(await firstWait('mail', { to: 'a' }))
})
