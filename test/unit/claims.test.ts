/** The shared ledger's word before an effect: what a claim's answer lets this device do. */
import { expect, test } from 'vitest'
import * as v from '../../src/protocol/schema.ts'
import type { Actions } from '../../sw/ports/action.ts'
import type { HttpOutcome } from '../../sw/ports/http-effect.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { ask, boot, look, signIn, wake } from '../support/runtime-driver.ts'
import { signedIn } from '../support/signed-in.ts'

const params = v.strictObject({ n: v.number() })
const lane = { base: 'GREEN', because: 'known' } as const
const actions: Actions = { ...ACTIONS, print: { version: 1, params, lane, effect: { kind: 'page', name: 'print' } } }
const OK: HttpOutcome = { kind: 'answer', status: 200, body: { done: true } }

test('what another device had begun is a question where keys are not kept, until a person asks for it again', async () => {
  for (const [action, first] of [
    ['fax', 'unknown'],
    ['mail', 'done'],
  ] as const) {
    const world = createWorld()
    const server = withServer(world)
    server.begunElsewhere.add('k')
    const runtime = boot(world, actions)
    await runtime.prepare()
    await signIn(runtime, 'anna')
    await ask(runtime, action, { to: 'a' }, 'k')
    await wake(runtime)
    expect(await look(runtime, 'k')).toMatchObject({ status: first })
    if (first === 'done') continue
    expect(world.sent).toHaveLength(0)
    expect(await look(runtime, 'k')).toMatchObject({ waitingFor: 'person' })
    await runtime.commands.retry({ key: 'k' }, { gate: runtime.gate.view() })
    await wake(runtime)
    expect(await look(runtime, 'k')).toMatchObject({ status: 'done' })
    expect(world.sent).toHaveLength(1)
  }
})

test.each([
  ['nobody else', false, 'done', 2],
  ['another device', true, 'unknown', 1],
] as const)('what this device tried without effect, and %s has begun since, where keys are not kept (law 2)', async (_who, isBegun, status, sent) => {
  const { world, server, runtime } = await signedIn(actions)
  const busy = { kind: 'answer', status: 429, body: null, waitMs: 300_000 } as const
  world.answer = () => busy
  await ask(runtime, 'fax', { to: 'a' }, 'k')
  await wake(runtime)
  expect(await look(runtime, 'k')).toMatchObject({ status: 'queued', attempts: 1 })
  if (isBegun) server.begunElsewhere.add('k')
  world.answer = () => OK
  world.now += 600_000
  await wake(runtime)
  expect(await look(runtime, 'k')).toMatchObject({ status })
  expect(world.sent).toHaveLength(sent)
  if (!isBegun) return
  // A person who knows has it tried again: busy once more, it goes on by itself, and asks nobody twice.
  world.answer = () => busy
  await runtime.commands.retry({ key: 'k' }, { gate: runtime.gate.view() })
  await wake(runtime)
  expect(await look(runtime, 'k')).toMatchObject({ status: 'queued', attempts: 2 })
  world.answer = () => OK
  world.now += 600_000
  await wake(runtime)
  expect(await look(runtime, 'k')).toMatchObject({ status: 'done' })
})

test.each([
  [false, 'page', 0],
  [true, 'running', 1],
] as const)(
  'what only a page can run is claimed where a page is open (%s), so that no device keeps it from another',
  async (isOpen, waitingFor, claims) => {
    const { world, server, runtime } = await signedIn(actions)
    world.ports.pages.isAnyOpen = async () => isOpen
    world.ports.pages.sendToOne = async () => isOpen
    await ask(runtime, 'print', { n: 1 }, 'p')
    await wake(runtime)
    expect(await look(runtime, 'p')).toMatchObject({ status: 'queued', waitingFor })
    expect(server.requests.flatMap((request) => request.claims)).toHaveLength(claims)
  },
)
