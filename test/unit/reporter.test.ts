/** What pages are told: what changed, of the person who is signed in, and of nobody else. */
import { expect, test } from 'vitest'
import type { Snapshot } from '../../src/protocol/views.ts'
import type { HttpOutcome } from '../../sw/ports/http-effect.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { ask, signIn, snapshot, wake } from '../support/runtime-driver.ts'
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
