import { expect, test } from 'vitest'
import { http } from '../../sw/boot/effects.ts'
import { rescueCapsule as rescue } from '../../sw/boot/rescue-capsule.ts'
import type { Runtime } from '../../sw/runtime/runtime.ts'
import type { Capsule, ImportReport } from '../../src/protocol/views.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld, type World } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { ask, boot, decide, look, signIn, snapshot, wake } from '../support/runtime-driver.ts'

const actions = { ...ACTIONS, mail: { ...ACTIONS.mail, effect: http({ url: '/api/mail' }) } }

const pack = async (runtime: Runtime, keys?: readonly string[]): Promise<Capsule> => {
  const answer = await runtime.commands.export(keys ? { keys: [...keys] } : {}, { gate: runtime.gate.view() })
  if (!answer.ok) throw new Error(answer.error.code)
  return answer.value as Capsule
}

const unpack = (runtime: Runtime, { capsule, code }: Pick<Capsule, 'capsule' | 'code'>) =>
  runtime.commands.import({ capsule, code }, { gate: runtime.gate.view() })

/** Two browsers of one person before one server. */
const twoDevices = async (): Promise<{ old: World; fresh: World; first: Runtime; second: Runtime }> => {
  const old = createWorld()
  const fresh = createWorld()
  withServer(old)
  Object.assign(fresh.ports, {
    server: old.ports.server,
    random: { hex: (n: number) => 'd'.repeat(n * 2), unit: () => 0.5 },
  })
  fresh.flag = old.flag
  Object.assign(old.ports, { rescue })
  Object.assign(fresh.ports, { rescue })
  const first = boot(old, actions)
  const second = boot(fresh, actions)
  for (const runtime of [first, second]) {
    await runtime.prepare()
    await signIn(runtime, 'anna')
  }
  return { old, fresh, first, second }
}

test('unsent work moves to another browser and has one effect in all', async () => {
  const { old, fresh, first, second } = await twoDevices()
  old.online = false
  await ask(first, 'mail', { to: 'a' }, 'm1')
  await ask(first, 'mail', { to: 'b' }, 'm2')
  const packed = await pack(first)
  expect(packed).toMatchObject({ count: 2 })
  old.online = true
  await wake(first)
  expect(await look(first, 'm1')).toMatchObject({ status: 'held', waitingFor: 'export' })
  expect(old.sent).toHaveLength(0)

  expect(await unpack(second, packed)).toEqual({ ok: true, value: { imported: 2, known: 0, refused: 0 } satisfies ImportReport })
  await wake(second)
  expect(fresh.sent.map(({ key }) => key).toSorted()).toEqual(['m1', 'm2'])
  expect(await unpack(second, packed)).toEqual({ ok: true, value: { imported: 0, known: 2, refused: 0 } })

  // Taken back here as well, by mistake: the ledger says that it has been done.
  await first.commands.retry({ key: 'm1' }, { gate: first.gate.view() })
  await wake(first)
  expect(old.sent).toHaveLength(0)
  expect(await look(first, 'm1')).toMatchObject({ status: 'done' })
})

test('what a person approved elsewhere is asked for again: a capsule carries no consent (law 6)', async () => {
  const { old, fresh, first, second } = await twoDevices()
  old.online = false
  await ask(first, 'pay', { amount: '5' }, 'p')
  await decide(first, 'p', 'approve')
  await unpack(second, await pack(first))
  await wake(second)
  expect(fresh.sent).toHaveLength(0)
  expect(await look(second, 'p')).toMatchObject({ status: 'awaiting-approval' })
  await decide(second, 'p', 'approve')
  await wake(second)
  expect(fresh.sent.map(({ key }) => key)).toEqual(['p'])
})

test('what had left and cannot be sent twice stays a question on the other device', async () => {
  const { old, fresh, first, second } = await twoDevices()
  old.answer = () => ({ kind: 'lost' })
  await ask(first, 'fax', { to: 'a' }, 'f')
  await wake(first)
  await unpack(second, await pack(first))
  await wake(second)
  expect(fresh.sent).toHaveLength(0)
  expect(await look(second, 'f')).toMatchObject({ status: 'unknown' })
})

test('only what was chosen is packed, and what is taken back runs here', async () => {
  const { old, first } = await twoDevices()
  old.online = false
  await ask(first, 'mail', { to: 'a' }, 'm1')
  await ask(first, 'mail', { to: 'b' }, 'm2')
  expect(await pack(first, ['m2'])).toMatchObject({ count: 1 })
  expect(await snapshot(first)).toMatchObject({ attention: 1, waiting: 2 })
  await first.commands.retry({ key: 'm2' }, { gate: first.gate.view() })
  old.online = true
  await wake(first)
  expect(old.sent.map(({ key }) => key).toSorted()).toEqual(['m1', 'm2'])
})

test('a capsule opens with its code as a person types it, and with no other; one changed character and it does not open', async () => {
  const { old, first, second } = await twoDevices()
  old.online = false
  await ask(first, 'mail', { to: 'secret@example.com' }, 'm1')
  const { capsule, code } = await pack(first)
  expect(atob(capsule.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '')).not.toContain('secret')
  const other = code.startsWith('0') ? `1${code.slice(1)}` : `0${code.slice(1)}`
  const at = Math.floor(capsule.length / 2)
  const changed = capsule.slice(0, at) + (capsule[at] === 'A' ? 'B' : 'A') + capsule.slice(at + 1)
  for (const wrong of [
    { capsule, code: other },
    { capsule: changed, code },
    { capsule: 'nonsense', code },
    { capsule: `${capsule.slice(0, 40)}`, code },
  ])
    expect(await unpack(second, wrong)).toMatchObject({ ok: false, error: { code: 'CAPSULE_UNREADABLE' } })
  expect(await unpack(second, { capsule, code: code.toLowerCase().replaceAll('-', ' ') })).toMatchObject({ ok: true, value: { imported: 1 } })
})

test('another person’s capsule is refused, and junk inside one is counted without harm to its neighbours (law 8)', async () => {
  const { old, fresh, first, second } = await twoDevices()
  old.online = false
  await ask(first, 'mail', { to: 'a' }, 'm1')
  const packed = await pack(first)
  await signIn(second, 'ben')
  expect(await unpack(second, packed)).toMatchObject({ ok: false, error: { code: 'CAPSULE_UNREADABLE', field: 'capsule' } })
  await signIn(second, 'anna')
  const good = { key: 'k', action: 'mail', version: 1, params: { to: 'a' }, agent: null, sources: [], isUnsure: false, attempts: 0, keptUntil: null }
  const items = [
    good,
    null,
    7,
    { ...good, key: 'k2', action: 'nobody' },
    { ...good, key: 'k3', params: { to: 1 } },
    { ...good, key: 'k4', version: 9 },
  ]
  const sealed = await rescue.cipher.seal(new TextEncoder().encode(JSON.stringify({ v: 1, tenant: 'demo', user: 'anna', items })))
  expect(await unpack(second, sealed)).toEqual({ ok: true, value: { imported: 1, known: 0, refused: 5 } })
  await wake(second)
  expect(fresh.sent.map(({ key }) => key)).toEqual(['k'])
})

test('one capsule, unpacked on two devices: one effect, and both know of it (REQ B-12)', async () => {
  for (const action of ['mail', 'fax']) {
    const { old, fresh, first, second } = await twoDevices()
    const third = createWorld()
    Object.assign(third.ports, {
      server: old.ports.server,
      rescue,
      random: { hex: (n: number) => 'e'.repeat(n * 2), unit: () => 0.5 },
    })
    third.flag = old.flag
    const other = boot(third, actions)
    await other.prepare()
    await signIn(other, 'anna')
    old.online = false
    await ask(first, action, { to: 'a' }, 'k')
    const packed = await pack(first)
    for (const runtime of [second, other]) await unpack(runtime, packed)
    for (const runtime of [second, other]) await wake(runtime)
    expect([...fresh.sent, ...third.sent].map(({ key }) => key)).toEqual(['k'])
    for (const runtime of [second, other]) expect(await look(runtime, 'k')).toMatchObject({ status: 'done' })
  }
})

test('a capsule adds nothing while a stop or a drain holds, and nothing of a version that this build does not declare', async () => {
  const { old, fresh, first, second } = await twoDevices()
  old.online = false
  await ask(first, 'mail', { to: 'a' }, 'k')
  const capsule = await pack(first)
  const refused = { ok: true, value: { imported: 0, known: 0, refused: 1 } }
  const say = async (version: number, action: string) => {
    fresh.flag = { version, issued: '2026-01-01T00:00:00Z', expires: '2099-01-01T00:00:00Z', action }
    await second.gate.refresh()
  }
  for (const [version, action] of [
    [2, 'readonly'],
    [3, 'drain'],
  ] as const) {
    await say(version, action)
    expect(await unpack(second, capsule)).toEqual(refused)
    expect(await look(second, 'k')).toBeNull()
  }
  await say(4, 'run')
  const newer = boot(fresh, { ...actions, mail: { ...actions.mail, version: 2 } })
  await newer.prepare()
  expect(await unpack(newer, capsule)).toEqual(refused)
  expect(await unpack(second, capsule)).toEqual({ ok: true, value: { imported: 1, known: 0, refused: 0 } })
})

test('what is leased in this moment runs here and is not packed', async () => {
  const { old, first } = await twoDevices()
  let packed: Promise<Capsule> | null = null
  old.answer = () => {
    packed = pack(first)
    return { kind: 'answer', status: 200, body: null }
  }
  await ask(first, 'mail', { to: 'a' }, 'k')
  await wake(first)
  expect(await packed).toMatchObject({ count: 0 })
  expect(await look(first, 'k')).toMatchObject({ status: 'done' })
})

test('what a capsule brings is judged by this worker’s kits as well: none of them is a way around another', async () => {
  const { old, fresh, first } = await twoDevices()
  old.online = false
  await ask(first, 'mail', { to: 'a' }, 'k')
  Object.assign(fresh.ports, { kits: [() => ({ judge: async () => ({ lane: 'RED' as const, reasons: ['a kit says so'] }) })] })
  const strict = boot(fresh, actions)
  await strict.prepare()
  await unpack(strict, await pack(first))
  await wake(strict)
  expect(await look(strict, 'k')).toMatchObject({ status: 'awaiting-approval', lane: 'RED', reasons: ['a kit says so'] })
  expect(fresh.sent).toHaveLength(0)
})
