/** A key protects for as long as the far ends remember it; after that nothing is sent again blindly (trap 5). */
import { expect, test } from 'vitest'
import * as v from '../../src/protocol/schema.ts'
import { http } from '../../sw/boot/effects.ts'
import { applyFact } from '../../sw/core/apply-fact.ts'
import { admit } from '../../sw/core/admit.ts'
import type { Actions } from '../../sw/ports/action.ts'
import { ACTIONS, intent, STAMPS } from '../support/core-fixtures.ts'
import { ask, look, signIn, wake } from '../support/runtime-driver.ts'
import { signedIn } from '../support/signed-in.ts'

const KEPT_MS = 60_000
const actions: Actions = {
  ...ACTIONS,
  brief: {
    version: 1,
    params: v.strictObject({ n: v.number() }),
    lane: { base: 'GREEN', because: 'known' },
    effect: http({ url: '/api/brief', keptForMs: KEPT_MS }),
  },
}

/** A receipt that was tried once on another device, told to come back in a while, and packed. */
const packed = async (action: string, params: object) => {
  const { world, runtime } = await signedIn(actions)
  world.answer = () => ({ kind: 'answer', status: 503, body: null, waitMs: 30_000 })
  await ask(runtime, action, params, 'k')
  await wake(runtime)
  const capsule = await runtime.commands.export({}, { gate: runtime.gate.view() })
  if (!capsule.ok) throw new Error(capsule.error.code)
  return { now: world.now, capsule: capsule.value as { capsule: string; code: string } }
}

test.each([
  [1_000, 'done', 1],
  [KEPT_MS + 1_000, 'unknown', 0],
] as const)('what a capsule brings %i ms later is sent only while its key is remembered: %s', async (laterMs, status, sent) => {
  const { now, capsule } = await packed('brief', { n: 1 })
  const { world, server, runtime } = await signedIn(actions)
  world.now = now + laterMs
  server.now = () => world.now
  await wake(runtime)
  await runtime.commands.import(capsule, { gate: runtime.gate.view() })
  world.now += 30_000
  if (status === 'unknown') world.now = now + laterMs
  await wake(runtime)
  expect(await look(runtime, 'k')).toMatchObject({ status })
  expect(world.sent).toHaveLength(sent)
})

test('while the time is not known, what may be forgotten waits for it; what no end was named for does not', async () => {
  for (const [action, params, sent] of [
    ['brief', { n: 1 }, 0],
    ['mail', { to: 'a' }, 1],
  ] as const) {
    const { now, capsule } = await packed(action, params)
    const { world, server, runtime } = await signedIn(actions)
    world.now = now + 40_000
    server.failure = { kind: 'failing' }
    await runtime.commands.import(action === 'mail' ? { ...capsule, capsule: withoutEnd(capsule.capsule) } : capsule, { gate: runtime.gate.view() })
    await wake(runtime)
    expect(world.sent).toHaveLength(sent)
    if (sent === 0) expect(await look(runtime, 'k')).toMatchObject({ status: 'queued', waitingFor: 'ledger' })
  }
})

/** The same capsule, in which no far end named a time until which it remembers. */
const withoutEnd = (capsule: string): string => {
  const content = JSON.parse(Buffer.from(capsule, 'base64').toString()) as { items: object[] }
  return Buffer.from(JSON.stringify({ ...content, items: content.items.map((item) => ({ ...item, keptUntil: null })) })).toString('base64')
}

test.each([
  [86_400_000, 'done'],
  [1_000, 'unknown'],
] as const)('the shared ledger’s own memory of %i ms counts as well', async (retentionMs, status) => {
  const { world, server, runtime } = await signedIn(actions)
  server.retentionMs = retentionMs
  // The first answer tells the retention, before anything is leased.
  await signIn(runtime, 'anna')
  await wake(runtime)
  let tries = 0
  world.answer = () => (++tries === 1 ? { kind: 'answer', status: 503, body: null, waitMs: 30_000 } : { kind: 'answer', status: 200, body: null })
  await ask(runtime, 'mail', { to: 'a' }, 'k')
  await wake(runtime)
  world.now += 40_000
  world.elapsed += 40_000
  server.word = null
  await wake(runtime)
  expect(await look(runtime, 'k')).toMatchObject({ status })
  expect(world.sent).toHaveLength(status === 'done' ? 2 : 1)
})

test('the promise begins with the first lease, is not prolonged by the next, and begins anew when a person asks again', () => {
  const ready = admit(intent('mail', { to: 'a' }), ACTIONS.mail, { lane: 'GREEN', reasons: [] }, STAMPS)
  const leased = applyFact(ready, { kind: 'leased', until: 9, fence: 1, keptUntil: 100 }, 1)
  const again = leased && applyFact(leased, { kind: 'postponed', dueAt: 2, waiting: 'retry', counts: false }, 2)
  const later = again && applyFact(again, { kind: 'leased', until: 9, fence: 1, keptUntil: 500 }, 3)
  expect([leased?.keptUntil, later?.keptUntil]).toEqual([100, 100])
  const dead = later && applyFact(later, { kind: 'dead', failure: { code: 'EFFECT_REJECTED', message: '', retry: 'never' } }, 4)
  const revived = dead && applyFact(dead, { kind: 'revived' }, 5)
  expect(revived?.keptUntil).toBeNull()
})
