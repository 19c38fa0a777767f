import { expect, test } from 'vitest'
import type { AccountHandles } from '../../src/protocol/account.ts'
import type { Answer } from '../../src/protocol/messages.ts'
import { createAccount, changeAccount } from '../../src/memory/unlock/unlockers.ts'
import { ownerOf } from '../../sw/core/admit.ts'
import type { EvictArgs, PutArgs } from '../../sw/runtime/memory.ts'
import { copyOf, createDevice, createFakeServer, createKiller, DEMO, newDisk, tick, type Device } from '../support/memory-world.ts'

const OWNER = ownerOf(DEMO)
const CODE = { kind: 'recovery-code', text: `${'abandon '.repeat(23)}art` } as const
const account = createAccount([CODE])

const value = <T>(answer: Answer<T> | { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (!answer.ok) throw new Error(JSON.stringify(answer.error))
  return answer.value
}
const put = async (device: Device, args: Partial<PutArgs> & Pick<PutArgs, 'tier'>, principal = DEMO) =>
  device.memory.put(principal, { key: undefined, value: null, confirmed: true, ttlMs: undefined, subject: undefined, ...args })
const get = async (device: Device, tier: 't1' | 't2' | 't3', key: string, principal = DEMO) => value(await device.memory.get(principal, tier, key))
const evict = async (device: Device, args: Partial<EvictArgs> & Pick<EvictArgs, 'tier' | 'keys'>) =>
  device.memory.evict(DEMO, { confirmed: true, ...args })
const adopt = async (device: Device, handles?: AccountHandles): Promise<void> => {
  value(await device.account.adopt(OWNER, handles ?? (await account)))
  value(await device.reseal(OWNER))
}
const sync = async (device: Device) => value(await device.sync.run(DEMO))
const unlocked = async (name: string, server = createFakeServer(), disk = newDisk()): Promise<Device> => {
  const device = createDevice(name, server, disk)
  await adopt(device)
  return device
}

test('T1 is written and removed only when a person has confirmed it, and does not expire (REQ 0-11)', async () => {
  const device = createDevice('a', createFakeServer())
  expect(await put(device, { tier: 't1', key: 'name', value: 'Ada', confirmed: false })).toMatchObject({
    ok: false,
    error: { code: 'POLICY_BLOCKED' },
  })
  expect(await put(device, { tier: 't1', key: 'name', value: 'Ada' })).toMatchObject({ ok: true, value: { durability: 'durable' } })
  expect(await put(device, { tier: 't1', key: 'name', value: 'Ada', ttlMs: 1 })).toMatchObject({ ok: false, error: { code: 'PARAMS_INVALID' } })
  tick(10 * 365 * 86_400_000)
  expect(await get(device, 't1', 'name')).toMatchObject({ found: true, value: 'Ada' })
  expect(await evict(device, { tier: 't1', keys: ['name'], confirmed: false })).toMatchObject({ ok: false, error: { code: 'POLICY_BLOCKED' } })
  expect(await evict(device, { tier: 't1', keys: ['name'] })).toMatchObject({ ok: true, value: { removed: 1 } })
  expect(await get(device, 't1', 'name')).toEqual({ found: false, reason: 'absent' })
})

test('T2 ends after a day, or after its own time: it is not shown any more, and a purge takes it away (REQ 0-11)', async () => {
  const device = createDevice('a', createFakeServer())
  await put(device, { tier: 't2', key: 'day', value: 1 })
  await put(device, { tier: 't2', key: 'hour', value: 2, ttlMs: 3_600_000 })
  tick(3_600_000)
  expect(await get(device, 't2', 'hour')).toEqual({ found: false, reason: 'expired' })
  expect(value(await device.memory.list(DEMO, 't2', -1, 10)).items.map(({ key }) => key)).toEqual(['day'])
  expect(value(await device.memory.search(DEMO, 'hour', ['t2'], 10))).toEqual([])
  expect(value(await device.memory.purge(DEMO, false))).toEqual({ removed: 1, unreadable: 0 })
  expect(device.disk.stores.get('t2_working')?.size).toBe(1)
  tick(86_400_000 - 3_600_000)
  expect(await get(device, 't2', 'day')).toEqual({ found: false, reason: 'expired' })
})

test('T3 only grows, in the order of time (REQ 0-11)', async () => {
  const device = createDevice('a', createFakeServer())
  for (const word of ['first', 'second', 'third']) value(await put(device, { tier: 't3', key: word, value: word }))
  value(await put(device, { tier: 't3', value: 'unnamed' }))
  expect(await put(device, { tier: 't3', key: 'first', value: 'rewritten' })).toMatchObject({ ok: false, error: { code: 'KEY_REUSED' } })
  expect(value(await put(device, { tier: 't3', key: 'first', value: 'first' })).at).toBe(
    value(await device.memory.list(DEMO, 't3', -1, 1)).items[0]?.at,
  )
  expect(await get(device, 't3', 'first')).toMatchObject({ value: 'first' })
  const page = value(await device.memory.list(DEMO, 't3', -1, 2))
  expect(page.items.map((item) => item.value)).toEqual(['first', 'second'])
  const rest = value(await device.memory.list(DEMO, 't3', page.next ?? 0, 2))
  expect([rest.items.map((item) => item.value), rest.next]).toEqual([['third', 'unnamed'], null])
})

test('another person and another tenant find nothing, whatever they know (REQ 0-11)', async () => {
  const device = createDevice('a', createFakeServer())
  await put(device, { tier: 't1', key: 'pin', value: 1234 })
  for (const other of [
    { tenant: 'demo', user: 'ben' },
    { tenant: 'other', user: 'demo' },
  ]) {
    expect(await get(device, 't1', 'pin', other)).toEqual({ found: false, reason: 'absent' })
    expect(value(await device.memory.list(other, 't1', -1, 10)).items).toEqual([])
    expect(value(await device.memory.search(other, 'pin', ['t1'], 10))).toEqual([])
    // A row that is carried over into their name does not open under their keys.
    const [row] = [...(device.disk.stores.get('t1_core')?.values() ?? [])]
    if (!row) throw new Error('no row')
    value(await device.account.load(ownerOf(other)))
    expect((await device.records.read(other, 't1_core', row)).ok).toBe(false)
  }
})

test('nothing on disk and nothing on the server shows what it is about (REQ 0-8, 1-40)', async () => {
  const server = createFakeServer()
  const device = await unlocked('a', server)
  await put(device, { tier: 't1', key: 'canary-key-91', value: { text: 'canary-value-92' }, subject: 'canary-subject-93' })
  await put(device, { tier: 't3', value: 'canary-value-94' })
  await sync(device)
  const rows = [...device.disk.stores.values()].flatMap((store) => [...store.entries()])
  const all = [...rows, ...server.rows.entries()]
    .map(([id, row]) => `${id} ${JSON.stringify(row)} ${Buffer.from(row.sealed).toString('latin1')}`)
    .join('\n')
  expect(server.rows.size).toBe(2)
  expect(all).not.toContain('canary')
})

test('under quota the oldest of T3 go first, then the write is done again; T1 and T2 stay (REQ 0-15)', async () => {
  const device = createDevice('a', createFakeServer())
  await put(device, { tier: 't1', key: 'core', value: 'kept' })
  await put(device, { tier: 't2', key: 'work', value: 'kept' })
  for (let i = 0; i < 120; i++) await put(device, { tier: 't3', key: `e${String(i).padStart(3, '0')}`, value: i })
  device.disk.bytesMax = [...device.disk.stores.values()].flatMap((rows) => [...rows.values()]).reduce((sum, { sealed }) => sum + sealed.length, 0)
  expect(value(await put(device, { tier: 't1', key: 'more', value: 'x'.repeat(500) }))).toMatchObject({ dropped: 50 })
  expect(value(await device.memory.list(DEMO, 't3', -1, 200)).items.map((item) => item.key)[0]).toBe('e050')
  expect(value(await device.memory.counts(DEMO))).toMatchObject({ t1: 2, t2: 1, t3: 70, dropped: 50 })
  device.disk.bytesMax = 2_000
  expect(await put(device, { tier: 't2', key: 'too-much', value: 'x'.repeat(5_000) })).toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } })
  expect(value(await device.memory.counts(DEMO))).toMatchObject({ t1: 2, t2: 1, t3: 0, dropped: 120 })
})

test('what was sealed under lost keys reads as absent with the reason, is counted, and can be purged (REQ 0-5, 0-7, 0-8)', async () => {
  const device = createDevice('a', createFakeServer())
  await put(device, { tier: 't1', key: 'old', value: 1 })
  await put(device, { tier: 't3', key: 'old', value: 1 })
  device.disk.secrets.clear()
  const later = createDevice('a', createFakeServer(), device.disk)
  expect(await get(later, 't1', 'old')).toEqual({ found: false, reason: 'absent' })
  expect(value(await later.memory.list(DEMO, 't1', -1, 10))).toMatchObject({ items: [], unreadable: 1 })
  expect(value(await later.memory.counts(DEMO))).toMatchObject({ t1: 0, unreadable: 2 })
  value(await put(later, { tier: 't1', key: 'old', value: 2 }))
  expect(await get(later, 't1', 'old')).toMatchObject({ value: 2 })
  expect(value(await later.memory.purge(DEMO, true))).toEqual({ removed: 2, unreadable: 2 })
  expect(value(await later.memory.counts(DEMO))).toMatchObject({ t1: 1, unreadable: 0 })
})

test('words find records, better ones first; with a model, meaning does too, and a model that fails takes nothing away', async () => {
  const device = createDevice('a', createFakeServer())
  await put(device, { tier: 't1', key: 'pets', value: { dog: 'Rex', likes: ['long walks', 'Käse'] } })
  await put(device, { tier: 't2', key: 'trip', value: 'walk to the station, then a long train ride' })
  await put(device, { tier: 't3', key: 'note', value: 'nothing of the kind' })
  const search = async (with_: Device, query: string) => value(await with_.memory.search(DEMO, query, ['t1', 't2', 't3'], 10)).map(({ key }) => key)
  expect(await search(device, 'REX')).toEqual(['pets'])
  expect(await search(device, 'kase')).toEqual(['pets'])
  expect(await search(device, 'train station')).toEqual(['trip'])
  expect((await search(device, 'long walk')).toSorted()).toEqual(['pets', 'trip'])
  expect(await search(device, 'zebra')).toEqual([])
  const embed = async (texts: readonly string[]) => texts.map((text) => (/hound|dog/i.test(text) ? [1, 0] : [0, 1]))
  expect(await search(createDevice('a', createFakeServer(), device.disk, { embed }), 'hound')).toEqual(['pets'])
  const broken = createDevice('a', createFakeServer(), device.disk, { embed: () => Promise.reject(new Error('no model')) })
  expect(await search(broken, 'rex')).toEqual(['pets'])
})

test('a second device reads T1 and T2 after unlocking, and T3 stays where it was made (REQ 0-5, B-10)', async () => {
  const server = createFakeServer()
  const first = createDevice('a', server)
  await put(first, { tier: 't1', key: 'core', value: 'before the account' })
  await put(first, { tier: 't3', key: 'event', value: 'here' })
  await adopt(first)
  await put(first, { tier: 't2', key: 'work', value: 'after it' })
  expect(await sync(first)).toMatchObject({ pushed: 2, complete: true })
  const second = createDevice('b', server)
  expect(await sync(second)).toMatchObject({ pulled: 0 })
  expect(await get(second, 't1', 'core')).toEqual({ found: false, reason: 'absent' })
  await adopt(second)
  expect(await sync(second)).toMatchObject({ pulled: 2, unreadable: 0 })
  expect(await get(second, 't1', 'core')).toMatchObject({ value: 'before the account', synced: true })
  expect(await get(second, 't2', 'work')).toMatchObject({ value: 'after it' })
  expect(await get(second, 't3', 'event')).toEqual({ found: false, reason: 'absent' })
})

test('two devices that wrote at once agree on one value, T1 keeps the other beside it, and a deletion is not undone by what it did not know', async () => {
  const server = createFakeServer()
  const [a, b] = [await unlocked('a', server), await unlocked('b', server)]
  await put(a, { tier: 't1', key: 'colour', value: 'red' })
  await put(b, { tier: 't1', key: 'colour', value: 'blue' })
  await put(a, { tier: 't2', key: 'draft', value: 'mine' })
  await put(b, { tier: 't2', key: 'draft', value: 'later' })
  await sync(a)
  expect(await sync(b)).toMatchObject({ conflicts: 2 })
  await sync(a)
  for (const device of [a, b]) {
    expect(await get(device, 't1', 'colour')).toMatchObject({ value: 'blue', others: [{ value: 'red', device: 'a' }] })
    expect(await get(device, 't2', 'draft')).toMatchObject({ value: 'later' })
  }
  await evict(a, { tier: 't1', keys: ['colour'] })
  await sync(a)
  await sync(b)
  expect(await get(b, 't1', 'colour')).toEqual({ found: false, reason: 'absent' })
  await put(b, { tier: 't1', key: 'colour', value: 'green' })
  await sync(b)
  await sync(a)
  expect(await get(a, 't1', 'colour')).toMatchObject({ value: 'green' })
  // Deleted there, changed here later: the later one is what both mean.
  await evict(a, { tier: 't1', keys: ['colour'] })
  await put(b, { tier: 't1', key: 'colour', value: 'grey' })
  await sync(a)
  await sync(b)
  await sync(a)
  for (const device of [a, b]) expect(await get(device, 't1', 'colour')).toMatchObject({ value: 'grey' })
})

test('a server that shows an older version again is not believed, and a spoiled envelope is counted', async () => {
  const server = createFakeServer()
  const a = await unlocked('a', server)
  await put(a, { tier: 't1', key: 'k', value: 'old' })
  await sync(a)
  const [name, old] = [...server.rows][0] ?? []
  await put(a, { tier: 't1', key: 'k', value: 'new' })
  await sync(a)
  if (!name || !old) throw new Error('no row')
  server.rows.set(name, { ...old, rev: 50 })
  await sync(a)
  expect(await get(a, 't1', 'k')).toMatchObject({ value: 'new' })
  const sealed = old.sealed.slice()
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1
  server.rows.set('t1_core/other', { ...old, id: 'other', rev: 60 })
  server.rows.set('t1_core/spoiled', { ...old, id: old.id, rev: 61, sealed })
  expect(await sync(a)).toMatchObject({ unreadable: 2 })
  expect(await get(a, 't1', 'k')).toMatchObject({ value: 'new' })
})

test('forgetting a subject destroys its key: no copy of what was about it opens, here, there, or in an old copy (REQ B-11)', async () => {
  const server = createFakeServer()
  const [a, b] = [await unlocked('a', server), await unlocked('b', server)]
  await put(a, { tier: 't1', key: 'about-eve', value: 'Eve likes tea', subject: 'eve' })
  await put(a, { tier: 't3', key: 'met-eve', value: 'met Eve', subject: 'eve' })
  await put(a, { tier: 't1', key: 'about-bob', value: 'Bob likes rum', subject: 'bob' })
  await sync(a)
  await sync(b)
  expect(await get(b, 't1', 'about-eve')).toMatchObject({ value: 'Eve likes tea' })
  const backup = copyOf(a.disk)
  expect(value(await a.memory.forget(DEMO, 'eve'))).toMatchObject({ removed: 3 })
  await sync(a)
  await sync(b)
  for (const device of [a, b]) {
    expect(await get(device, 't1', 'about-eve')).toEqual({ found: false, reason: 'absent' })
    expect(await get(device, 't1', 'about-bob')).toMatchObject({ value: 'Bob likes rum' })
  }
  // Rows brought back from a copy, with all the keys this device still has.
  for (const store of ['t1_core', 't3_episodic'] as const)
    for (const [id, row] of backup.stores.get(store) ?? []) a.disk.stores.get(store)?.set(id, row)
  expect(await get(a, 't1', 'about-eve')).toEqual({ found: false, reason: 'forgotten' })
  expect(await get(a, 't3', 'met-eve')).toEqual({ found: false, reason: 'forgotten' })
  expect(await get(a, 't1', 'about-bob')).toMatchObject({ value: 'Bob likes rum' })
  value(await put(a, { tier: 't1', key: 'about-eve', value: 'a new start', subject: 'eve' }))
  expect(await get(a, 't1', 'about-eve')).toMatchObject({ value: 'a new start' })
})

test('a new epoch and a new root lose nothing, on either device', async () => {
  const server = createFakeServer()
  const [a, b] = [await unlocked('a', server), await unlocked('b', server)]
  await put(a, { tier: 't1', key: 'k', value: 'kept', subject: 'eve' })
  await sync(a)
  await sync(b)
  const state = value(await a.account.load(OWNER))
  expect((await a.account.advance(OWNER, state.epoch + 1))?.epoch).toBe(state.epoch + 1)
  expect(value(await a.reseal(OWNER))).toBe(2)
  await sync(a)
  await sync(b)
  expect(await get(b, 't1', 'k')).toMatchObject({ value: 'kept' })
  expect(value(await b.account.load(OWNER)).epoch).toBe(state.epoch + 1)
  const changed = await changeAccount((await account).unlockers, CODE, { kind: 'recovery-code', text: `${'zoo '.repeat(23)}vote` })
  await adopt(a, value(changed))
  expect([...(a.disk.stores.get('t1_core')?.values() ?? [])][0]?.epoch).toBe(2 * 65_536)
  await sync(a)
  await put(b, { tier: 't1', key: 'offline', value: 'under the old root' })
  await put(a, { tier: 't1', key: 'k', value: 'newer', subject: 'eve' })
  await sync(a)
  await put(b, { tier: 't1', key: 'k', value: 'kept', subject: 'eve' })
  // It has not unlocked the new root yet: what is new there is counted and never written over, what it has stays readable.
  expect(await sync(b)).toMatchObject({ unreadable: expect.any(Number), complete: false })
  await sync(a)
  expect(await get(a, 't1', 'k')).toMatchObject({ value: 'newer' })
  expect(await get(b, 't1', 'k')).toMatchObject({ value: 'kept' })
  await adopt(b, value(changed))
  expect(await sync(b)).toMatchObject({ unreadable: 0, complete: true })
  await sync(a)
  for (const device of [a, b]) {
    expect(await get(device, 't1', 'k')).toMatchObject({ value: 'kept', others: [{ value: 'newer', device: 'a' }] })
    expect(await get(device, 't1', 'offline')).toMatchObject({ value: 'under the old root' })
  }
})

test('a server that takes no more is asked once, and what it did not take stays owed', async () => {
  const full = createFakeServer()
  let asked = 0
  const server: typeof full = {
    ...full,
    async exchange(request, token) {
      asked++
      const answer = await full.exchange({ ...request, push: [] }, token)
      return answer.ok ? { ok: true, value: { ...answer.value, pushed: request.push.map(() => ({ refused: 'TOO_MANY' })) } } : answer
    },
  }
  const device = await unlocked('a', server)
  await put(device, { tier: 't1', key: 'k', value: 1 })
  expect(await sync(device)).toMatchObject({ pushed: 0, complete: false })
  expect(asked).toBe(1)
  expect(await get(device, 't1', 'k')).toMatchObject({ found: true, synced: false })
})

test('killed before every single step of taking over an account: nothing is half done, nothing is lost', async () => {
  const before = createDevice('a', createFakeServer())
  await put(before, { tier: 't1', key: 'core', value: 'kept', subject: 'eve' })
  await put(before, { tier: 't2', key: 'work', value: 'kept' })
  await put(before, { tier: 't3', key: 'event', value: 'kept', subject: 'eve' })
  const whole = createKiller()
  const done = createDevice('a', createFakeServer(), copyOf(before.disk), { killer: whole })
  await adopt(done)
  expect(whole.steps()).toBeGreaterThan(20)
  for (let at = 0; at < whole.steps(); at++) {
    const disk = copyOf(before.disk)
    const killed = createDevice('a', createFakeServer(), disk, { killer: createKiller(at) })
    await adopt(killed).catch(() => undefined)
    const next = createDevice('a', createFakeServer(), disk)
    value(await next.account.load(OWNER))
    value(await next.reseal(OWNER))
    const found = [await get(next, 't1', 'core'), await get(next, 't2', 'work'), await get(next, 't3', 'event')]
    if (!found.every((one) => one.found && one.value === 'kept')) throw new Error(`killed before step ${at}: ${JSON.stringify(found)}`)
    const { generation, retiring } = value(await next.account.load(OWNER))
    const rows = [...disk.stores.values()].flatMap((store) => [...store.values()])
    if (generation === 1) expect(new Set(rows.map(({ epoch }) => epoch))).toEqual(new Set([65_536]))
    expect(retiring).toEqual([])
    expect(rows).toHaveLength(4)
  }
})

test('killed before every single step of a synchronisation: the next one brings both devices to the same', async () => {
  const server = createFakeServer()
  const a = await unlocked('a', server)
  for (const key of ['one', 'two']) await put(a, { tier: 't1', key, value: key })
  const start = copyOf(a.disk)
  const whole = createKiller()
  const theirs = createFakeServer()
  await createDevice('a', theirs, copyOf(start), { killer: whole }).sync.run(DEMO)
  for (let at = 0; at < whole.steps(); at++) {
    const there = createFakeServer()
    const disk = copyOf(start)
    const killed = createDevice('a', there, disk, { killer: createKiller(at) })
    await killed.sync.run(DEMO).catch(() => undefined)
    await sync(createDevice('a', there, disk))
    const b = await unlocked('b', there)
    await sync(b)
    for (const key of ['one', 'two']) if (!(await get(b, 't1', key)).found) throw new Error(`killed before step ${at}: ${key} did not arrive`)
    if ([...disk.stores.values()].some((rows) => [...rows.values()].some(({ dirty }) => dirty === 1)))
      throw new Error(`killed before step ${at}: still owed`)
  }
})
