/** Commands twice, out of turn, by the wrong person, and on a device where MAESTRO never was. */
import { expect, test } from 'vitest'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { OutboxPage } from '../../src/protocol/views.ts'
import { http } from '../../sw/boot/effects.ts'
import type { Actions } from '../../sw/ports/action.ts'
import type { Runtime } from '../../sw/runtime/runtime.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { ask, boot, look, signIn, snapshot, wake } from '../support/runtime-driver.ts'
import { signedIn } from '../support/signed-in.ts'

const params = v.strictObject({ n: v.number() })
const lane = { base: 'GREEN', because: 'known' } as const
const actions: Actions = {
  ...ACTIONS,
  step: { version: 1, params, lane, effect: http({ url: '/api/step' }), sequence: () => 'one' },
  print: { version: 1, params, lane, effect: { kind: 'page', name: 'print' } },
}
const kill = { version: 7, issued: '2026-01-01T00:00:00Z', expires: '2099-01-01T00:00:00Z', action: 'kill' }
const now = (runtime: Runtime) => ({ gate: runtime.gate.view() })
const GONE = { ok: false, error: { code: 'APPROVAL_GONE' } }
const DONE = { ok: true, value: null }

test('the same decision twice is one decision; the other one comes too late', async () => {
  const runtime = boot(createWorld(), actions)
  const yes = await ask(runtime, 'pay', { amount: '5' }, 'yes')
  const no = await ask(runtime, 'pay', { amount: '6' }, 'no')
  const decide = ({ id, digest }: { id: string; digest: string }, verdict: 'approve' | 'deny') =>
    runtime.commands.decide({ id, digest, verdict }, now(runtime))
  expect([await decide(yes, 'approve'), await decide(yes, 'approve')]).toEqual([DONE, DONE])
  expect([await decide(no, 'deny'), await decide(no, 'deny')]).toEqual([DONE, DONE])
  expect(await decide(yes, 'deny')).toMatchObject(GONE)
  expect(await decide(no, 'approve')).toMatchObject(GONE)
  await runtime.pump.idle()
  expect([await look(runtime, 'yes'), await look(runtime, 'no')]).toMatchObject([{ status: 'done' }, { status: 'denied' }])
})

test('nobody decides for somebody else, or on what is not there', async () => {
  const { runtime } = await signedIn(actions)
  const { id, digest } = await ask(runtime, 'pay', { amount: '5' }, 'p')
  await signIn(runtime, 'ben')
  expect(await runtime.commands.decide({ id, digest, verdict: 'approve' }, now(runtime))).toMatchObject(GONE)
  expect(await runtime.commands.decide({ id: '0'.repeat(64), digest, verdict: 'approve' }, now(runtime))).toMatchObject(GONE)
  await signIn(runtime, 'anna')
  expect(await runtime.commands.decide({ id, digest, verdict: 'approve' }, now(runtime))).toEqual(DONE)
})

test('a command whose answer was lost finds what it asked for: retry, discard', async () => {
  const world = createWorld()
  world.answer = () => ({ kind: 'answer', status: 400, body: null })
  const runtime = boot(world, actions)
  await ask(runtime, 'mail', { to: 'a' }, 'k')
  await wake(runtime)
  world.answer = () => ({ kind: 'answer', status: 200, body: null })
  world.online = false
  expect(await runtime.commands.retry({ key: 'k' }, now(runtime))).toEqual(DONE)
  expect(await runtime.commands.retry({ key: 'k' }, now(runtime))).toEqual(DONE)
  world.online = true
  await wake(runtime)
  expect(await runtime.commands.retry({ key: 'k' }, now(runtime))).toEqual(DONE)
  expect(await runtime.commands.discard({ key: 'k' }, now(runtime))).toMatchObject({ ok: false, error: { code: 'NOT_CANCELLABLE' } })
  world.answer = () => ({ kind: 'answer', status: 400, body: null })
  await ask(runtime, 'mail', { to: 'a' }, 'dead')
  await wake(runtime)
  expect(await runtime.commands.discard({ key: 'dead' }, now(runtime))).toEqual(DONE)
  expect(await runtime.commands.discard({ key: 'dead' }, now(runtime))).toEqual(DONE)
})

test('while it is off, on a device where it never was, every question is answered and nothing is opened or made', async () => {
  const world = createWorld()
  world.flag = kill
  const touched: string[] = []
  for (const name of ['commit', 'load', 'get', 'audit', 'strays'] as const) {
    const real = world.ports.store[name].bind(world.ports.store) as (...args: unknown[]) => never
    Object.assign(world.ports.store, { [name]: (...args: unknown[]) => (touched.push(name), real(...args)) })
  }
  const runtime = boot(world, actions)
  await runtime.gate.refresh()
  const digest = '0'.repeat(64)
  expect(await runtime.commands.audit({ limit: 5 }, now(runtime))).toEqual({ ok: true, value: [] })
  expect(await runtime.commands.verifyAudit({}, now(runtime))).toMatchObject({ ok: true, value: { intact: true, entries: 0 } })
  expect(await runtime.commands.outbox({ limit: 5 }, now(runtime))).toEqual({ ok: true, value: { items: [], next: null } })
  expect(await runtime.commands.pageEffect({ id: digest, attempt: 1, outcome: { ok: true } }, now(runtime))).toEqual(DONE)
  expect(await runtime.commands.decide({ id: digest, digest, verdict: 'deny' }, now(runtime))).toMatchObject(GONE)
  expect((await snapshot(runtime)).receipts).toEqual([])
  expect(touched).toEqual([])
})

test('while it is off, what lies on the device is shown all the same', async () => {
  const world = createWorld()
  world.online = false
  await ask(boot(world, actions), 'mail', { to: 'a' }, 'k')
  world.online = true
  world.flag = kill
  const runtime = boot(world, actions)
  await runtime.gate.refresh()
  expect(await runtime.commands.outbox({ limit: 5 }, now(runtime))).toMatchObject({ ok: true, value: { items: [{ key: 'k', status: 'held' }] } })
  expect(await runtime.commands.verifyAudit({}, now(runtime))).toMatchObject({ ok: true, value: { intact: true, entries: 1 } })
})

test('nobody’s outbox is nobody’s: without a sign-in there is none to read, pack or fill', async () => {
  const world = createWorld()
  withServer(world)
  const runtime = boot(world, actions)
  await runtime.prepare()
  const out = { ok: false, error: { code: 'SIGNED_OUT' } }
  expect(await runtime.commands.outbox({ limit: 5 }, now(runtime))).toMatchObject(out)
  expect(await runtime.commands.export({}, now(runtime))).toMatchObject(out)
  expect(await runtime.commands.import({ capsule: 'x', code: 'y' }, now(runtime))).toMatchObject(out)
  await signIn(runtime, 'anna')
  expect(await runtime.commands.outbox({ limit: 5 }, now(runtime))).toMatchObject({ ok: true })
})

test('the outbox shows the order in which things run, not that in which they came: an edit stands in the old one’s place', async () => {
  const world = createWorld()
  world.answer = ({ params: { n } }) => ({ kind: 'answer', status: n === 1 ? 400 : 200, body: null })
  const runtime = boot(world, actions)
  for (const [key, n] of [
    ['first', 1],
    ['second', 2],
  ] as const)
    await ask(runtime, 'step', { n }, key)
  await wake(runtime)
  world.online = false
  await ask(runtime, 'step', { n: 3 }, 'edited', { replaces: 'first' })
  const page = await runtime.commands.outbox({ limit: 5 }, now(runtime))
  expect(page.ok && (page.value as OutboxPage).items.map(({ key }) => key)).toEqual(['edited', 'second'])
})

test('a page that answers for an earlier attempt is not heard; the one that was asked last is', async () => {
  const world = createWorld()
  const asked: number[] = []
  world.ports.pages.isAnyOpen = async () => true
  world.ports.pages.sendToOne = async (message) => (message.type === 'maestro:page-effect' && asked.push(message.attempt), true)
  const runtime = boot(world, actions)
  const { id } = await ask(runtime, 'print', { n: 1 }, 'p')
  await wake(runtime)
  await runtime.commands.pageEffect({ id, attempt: 1, outcome: { ok: false, declined: true } }, now(runtime))
  await wake(runtime)
  expect(asked).toEqual([1, 2])
  await runtime.commands.pageEffect({ id, attempt: 1, outcome: { ok: true, value: 'early' } }, now(runtime))
  expect(await look(runtime, 'p')).toMatchObject({ status: 'queued', waitingFor: 'running' })
  await runtime.commands.pageEffect({ id, attempt: 2, outcome: { ok: true, value: 'late' } }, now(runtime))
  expect(await look(runtime, 'p')).toMatchObject({ status: 'done', result: 'late' })
})

test.each([
  ['text', 'printed', 'done'],
  ['what is no JSON', () => undefined, 'dead'],
  ['more than can be kept', '€'.repeat(LIMITS.answerBytesMax / 3), 'dead'],
] as const)('a page’s answer is kept as JSON of bounded size: %s', async (_what, value, status) => {
  const world = createWorld()
  world.ports.pages.isAnyOpen = async () => true
  world.ports.pages.sendToOne = async () => true
  const runtime = boot(world, actions)
  const { id } = await ask(runtime, 'print', { n: 1 }, 'p')
  await wake(runtime)
  await runtime.commands.pageEffect({ id, attempt: 1, outcome: { ok: true, value } }, now(runtime))
  expect(await look(runtime, 'p')).toMatchObject({ status })
})

test.each([
  [
    { id: 'x', junk: 1 },
    { quarantined: 1, parked: 0 },
  ],
  [
    { id: 'x', shape: 99, owner: 'o', rev: 1, order: 3, sealed: new Uint8Array() },
    { quarantined: 0, parked: 1 },
  ],
])('a row that no index leads to any more is found in a quiet moment, and counted', async (row, counts) => {
  const world = createWorld()
  await ask(boot(world, actions), 'note', { text: 'x' }, 'n')
  const { store } = world.ports
  let isStray = true
  store.strays = async () => ({ ok: true, value: isStray ? [row] : [] })
  const runtime = boot(world, actions)
  await runtime.prepare()
  expect(await snapshot(runtime)).toMatchObject({ quarantined: 0, parked: 0 })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await snapshot(runtime)).toMatchObject(counts)
  isStray = false
})
