/** Memory while its disk is away, and with two at work at once. */
import { expect, test } from 'vitest'
import { err, ok } from '../../src/base/result.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { createAccount } from '../../src/memory/unlock/unlockers.ts'
import { ownerOf } from '../../sw/core/admit.ts'
import type { MemoryStore } from '../../sw/ports/memory-store.ts'
import type { PutArgs } from '../../sw/runtime/memory.ts'
import { copyOf, createDevice, createFakeServer, DEMO, type Device } from '../support/memory-world.ts'

const OWNER = ownerOf(DEMO)
const BEN = { tenant: 'demo', user: 'ben' }
const account = createAccount([{ kind: 'recovery-code', text: `${'abandon '.repeat(23)}art` }])
const AWAY = { code: 'UNOPENABLE', name: 'UnknownError' } as const

const value = <T>(answer: { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (!answer.ok) throw new Error(JSON.stringify(answer.error))
  return answer.value
}
const put = (device: Device, args: Partial<PutArgs> & Pick<PutArgs, 'tier'>, principal = DEMO) =>
  device.memory.put(principal, { key: undefined, value: null, confirmed: true, ttlMs: undefined, subject: undefined, ...args })
const get = async (device: Device, key: string, principal = DEMO) => value(await device.memory.get(principal, 't1', key))

/** A disk that is away while `isAway`; before each write of `store`, `before` happens once. */
const tricky = () => {
  const state = {
    isAway: false,
    before: null as (() => Promise<unknown>) | null,
    over: (there: MemoryStore): MemoryStore => ({
      ...there,
      get: async (...asked) => (state.isAway ? err(AWAY) : there.get(...asked)),
      all: async (...asked) => (state.isAway ? err(AWAY) : there.all(...asked)),
      mark: async (name) => (state.isAway ? err(AWAY) : there.mark(name)),
      async write(...asked) {
        const { before } = state
        state.before = null
        if (asked[0].length > 0) await before?.()
        return state.isAway ? err(AWAY) : there.write(...asked)
      },
    }),
  }
  return state
}

test('while the disk is away nothing reads as absent, nothing is sealed anew, and no key is given up', async () => {
  const disk = tricky()
  const device = createDevice('a', createFakeServer(), undefined, { over: disk.over })
  value(await put(device, { tier: 't1', key: 'core', value: 'kept', subject: 'eve' }))
  value(await device.account.adopt(OWNER, await account))
  disk.isAway = true
  expect((await device.reseal(OWNER)).ok).toBe(false)
  expect(value(await device.account.load(OWNER)).retiring).toHaveLength(1)
  for (const asked of [
    device.memory.get(DEMO, 't1', 'core'),
    device.memory.list(DEMO, 't1', -1, 10),
    device.memory.search(DEMO, 'kept', ['t1'], 10),
    device.memory.counts(DEMO),
    device.memory.evict(DEMO, { tier: 't1', keys: ['core'], confirmed: true }),
    device.memory.purge(DEMO, true),
    device.memory.forget(DEMO, 'eve'),
  ])
    expect(await asked).toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } })
  expect(await device.sync.run(DEMO)).toEqual({ ok: false, error: 'storage' })
  disk.isAway = false
  value(await device.reseal(OWNER))
  expect(value(await device.account.load(OWNER)).retiring).toEqual([])
  expect(await get(device, 'core')).toMatchObject({ value: 'kept' })
})

test('a disk that goes away between two stores keeps the keys as well', async () => {
  const before = createDevice('a', createFakeServer())
  for (const tier of ['t1', 't2', 't3'] as const) value(await put(before, { tier, key: 'k', value: tier, subject: 'eve' }))
  for (let calls = 0; calls < 30; calls++) {
    let left = calls
    const disk = copyOf(before.disk)
    const over = (there: MemoryStore): MemoryStore => ({
      ...there,
      get: async (...asked) => (left-- > 0 ? there.get(...asked) : err(AWAY)),
      all: async (...asked) => (left-- > 0 ? there.all(...asked) : err(AWAY)),
    })
    const device = createDevice('a', createFakeServer(), disk, { over })
    value(await device.account.adopt(OWNER, await account))
    await device.reseal(OWNER).catch(() => undefined)
    const next = createDevice('a', createFakeServer(), disk)
    value(await next.account.load(OWNER))
    value(await next.reseal(OWNER))
    for (const tier of ['t1', 't2', 't3'] as const)
      expect(value(await next.memory.get(DEMO, tier, 'k')), `${tier} after ${calls} readings`).toMatchObject({ value: tier })
  }
})

test('two writers at once: the later one writes over what the earlier one wrote, never over what it did not see', async () => {
  const disk = tricky()
  const one = createDevice('a', createFakeServer(), undefined, { over: disk.over })
  value(await one.account.load(OWNER))
  const other = createDevice('a', createFakeServer(), one.disk)
  value(await put(one, { tier: 't1', key: 'k', value: 'first' }))
  disk.before = () => put(other, { tier: 't1', key: 'k', value: 'second' })
  value(await put(one, { tier: 't1', key: 'k', value: 'third' }))
  const [row] = [...(one.disk.stores.get('t1_core')?.values() ?? [])]
  if (!row) throw new Error('no row')
  expect(value(await one.records.read(DEMO, 't1_core', row))).toMatchObject({ version: 3, content: { value: 'third' } })
  // The first record about somebody, twice at once: both are sealed under the one key that stays.
  disk.before = () => put(other, { tier: 't1', key: 'b', value: 'theirs', subject: 'eve' })
  value(await put(one, { tier: 't1', key: 'a', value: 'mine', subject: 'eve' }))
  expect([await get(one, 'a'), await get(one, 'b')]).toMatchObject([{ value: 'mine' }, { value: 'theirs' }])
  // A deletion of what has changed meanwhile is decided again.
  disk.before = () => put(other, { tier: 't1', key: 'k', value: 'fourth' })
  expect(value(await one.memory.evict(DEMO, { tier: 't1', keys: ['k'], confirmed: true }))).toMatchObject({ removed: 1 })
  expect(await get(one, 'k')).toEqual({ found: false, reason: 'absent' })
})

test('whoever asks while one is under way is answered by one that looked after they asked', async () => {
  const there = createFakeServer()
  let hold: (() => Promise<unknown>) | null = null
  const server: typeof there = {
    ...there,
    async exchange(request, token) {
      const answer = await there.exchange(request, token)
      const held = hold
      hold = null
      await held?.()
      return answer
    },
  }
  const [a, b] = [createDevice('a', there), createDevice('b', server)]
  for (const device of [a, b]) {
    value(await device.account.adopt(OWNER, await account))
    value(await device.reseal(OWNER))
  }
  value(await put(a, { tier: 't2', key: 'k', value: 'from a' }))
  let asked: ReturnType<typeof b.sync.run> | null = null
  // The server has answered, and only then does the other device tell it something and this one is asked to look.
  hold = async () => {
    value(await a.sync.run(DEMO))
    asked = b.sync.run(DEMO)
  }
  await b.sync.run(DEMO)
  value(await (asked ?? Promise.reject(new Error('nobody asked'))))
  expect(value(await b.memory.get(DEMO, 't2', 'k'))).toMatchObject({ value: 'from a' })
})

test('what is written while the server’s answer is taken in stays, and goes there with the next round', async () => {
  const server = createFakeServer()
  const disk = tricky()
  const a = createDevice('a', server, undefined, { over: disk.over })
  const b = createDevice('b', server)
  for (const device of [a, b]) {
    value(await device.account.adopt(OWNER, await account))
    value(await device.reseal(OWNER))
  }
  const beside = createDevice('a', server, a.disk)
  value(await put(a, { tier: 't2', key: 'k', value: 'sent' }))
  // Between its reading and the mark that the server has it.
  disk.before = () => put(beside, { tier: 't2', key: 'k', value: 'written meanwhile' })
  value(await a.sync.run(DEMO))
  value(await b.sync.run(DEMO))
  expect(value(await b.memory.get(DEMO, 't2', 'k'))).toMatchObject({ value: 'written meanwhile' })
  value(await put(b, { tier: 't2', key: 'k', value: 'from b' }))
  value(await b.sync.run(DEMO))
  disk.before = () => put(beside, { tier: 't2', key: 'k', value: 'later than b' })
  value(await a.sync.run(DEMO))
  value(await b.sync.run(DEMO))
  for (const device of [a, b]) expect(value(await device.memory.get(DEMO, 't2', 'k'))).toMatchObject({ value: 'later than b' })
})

test('keys that are changed twice at once are changed one after the other, in two workers too', async () => {
  const device = createDevice('a', createFakeServer())
  value(await put(device, { tier: 't1', key: 'core', value: 'kept' }))
  value(await device.account.adopt(OWNER, await account))
  const { epoch, retiring } = value(await device.account.load(OWNER))
  const other = createDevice('a', createFakeServer(), device.disk)
  value(await other.account.load(OWNER))
  await Promise.all([device.account.advance(OWNER, epoch + 2), other.account.retire(OWNER, 'another set'), other.account.advance(OWNER, epoch + 1)])
  const next = createDevice('a', createFakeServer(), device.disk)
  expect(value(await next.account.load(OWNER))).toMatchObject({ epoch: epoch + 2, retiring })
  expect(await Promise.all(['a', 'b'].map(() => createDevice('a', createFakeServer(), device.disk).account.load('new')))).toMatchObject(
    [expect.anything(), expect.anything()].map(() => ({ ok: true })),
  )
})

test('one person’s work is done under that person’s token, whoever else asks meanwhile', async () => {
  const asked: string[] = []
  const seen: string[] = []
  const there = createFakeServer()
  const server: typeof there = {
    ...there,
    async exchange(request, token) {
      seen.push(token)
      await new Promise((resolve) => setTimeout(resolve, 5))
      return there.exchange(request, token)
    },
  }
  const device = createDevice('a', server, undefined, {
    token: async ({ user }: Principal) => {
      asked.push(user)
      return `token of ${user}`
    },
  })
  for (const person of [DEMO, BEN]) value(await put(device, { tier: 't1', key: 'k', value: person.user }, person))
  value(await device.person.adopt(DEMO, await account))
  asked.length = 0
  seen.length = 0
  const [mine, mineAgain, mineOnceMore, theirs] = [device.sync.run(DEMO), device.sync.run(DEMO), device.sync.run(DEMO), device.sync.run(BEN)]
  expect(mineAgain, 'the first may have looked already').not.toBe(mine)
  expect(mineOnceMore).toBe(mineAgain)
  expect(theirs).not.toBe(mine)
  await Promise.all([mine, mineAgain, theirs])
  expect(new Set(asked)).toEqual(new Set(['demo', 'ben']))
  expect(new Set(seen)).toEqual(new Set(['token of demo', 'token of ben']))
})

test('what an unlocking may open is not purged; what nothing opens any more is', async () => {
  const server = createFakeServer()
  const before = createDevice('a', server)
  value(await put(before, { tier: 't1', key: 'alone', value: 1 }))
  value(await before.account.load(OWNER))
  const device = createDevice('a', server, copyOf(before.disk))
  value(await device.account.adopt(OWNER, await account))
  value(await device.reseal(OWNER))
  value(await put(device, { tier: 't1', key: 'shared', value: 2 }))
  // The keys are lost: of what lies there, the account's comes back with the account.
  for (const row of before.disk.stores.get('t1_core')?.values() ?? []) device.disk.stores.get('t1_core')?.set(row.id, row)
  device.disk.secrets.clear()
  const later = createDevice('a', server, device.disk)
  expect(value(await later.memory.counts(DEMO))).toMatchObject({ t1: 0, unreadable: 3 })
  expect(value(await later.memory.purge(DEMO, true))).toEqual({ removed: 1, unreadable: 1 })
  value(await later.account.adopt(OWNER, await account))
  value(await later.reseal(OWNER))
  expect([await get(later, 'shared'), await get(later, 'alone')]).toMatchObject([{ value: 2 }, { value: 1 }])
})

test('a full disk costs the one who writes, and nobody else', async () => {
  const device = createDevice('a', createFakeServer())
  for (const person of [DEMO, BEN]) for (let i = 0; i < 60; i++) value(await put(device, { tier: 't3', key: `e${i}`, value: i }, person))
  device.disk.bytesMax = [...device.disk.stores.values()].flatMap((rows) => [...rows.values()]).reduce((sum, { sealed }) => sum + sealed.length, 0)
  expect(value(await put(device, { tier: 't1', key: 'more', value: 'x'.repeat(500) }, BEN))).toMatchObject({ dropped: 50 })
  expect([value(await device.memory.counts(DEMO)).t3, value(await device.memory.counts(BEN)).t3]).toEqual([60, 10])
  device.disk.bytesMax = 0
  expect(await put(device, { tier: 't1', key: 'too-much', value: 'x' }, BEN)).toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } })
  expect([value(await device.memory.counts(DEMO)).t3, value(await device.memory.counts(BEN)).t3]).toEqual([60, 0])
})

test('forgetting somebody destroys what was set aside of a broken database, where their key lies too', async () => {
  const device = createDevice('a', createFakeServer())
  value(await put(device, { tier: 't1', key: 'about-eve', value: 1, subject: 'eve' }))
  device.disk.copies.push('the rows of a broken database')
  value(await device.memory.forget(DEMO, 'eve'))
  expect(device.disk.copies).toEqual([])
  const stuck = createDevice('a', createFakeServer(), device.disk, { over: (there) => ({ ...there, dropCopies: async () => err(AWAY) }) })
  expect(await stuck.memory.forget(DEMO, 'eve'), 'and says so where it cannot').toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } })
})

test('a disk that is back takes what waited for it, above every version that was counted there', async () => {
  const waited: Parameters<MemoryStore['write']>[0][number][] = []
  const disk = tricky()
  const over = (there: MemoryStore): MemoryStore => {
    const beneath = disk.over(there)
    return {
      ...beneath,
      async write(changes, durability) {
        const written = await beneath.write(changes, durability)
        if (written.ok || !disk.isAway || changes.some((change) => change.over !== 'unseen')) return written
        waited.push(...changes)
        return ok(null)
      },
    }
  }
  const device = createDevice('a', createFakeServer(), undefined, { over })
  for (let i = 0; i < 3; i++) value(await put(device, { tier: 't1', key: 'k', value: i }))
  disk.isAway = true
  value(await put(device, { tier: 't1', key: 'k', value: 'afloat' }))
  expect(await put(device, { tier: 't1', key: 'about', value: 1, subject: 'eve' }), 'a key that cannot be read is not made anew').toMatchObject({
    ok: false,
    error: { code: 'STORAGE_FAILED' },
  })
  disk.isAway = false
  expect(waited).toHaveLength(1)
  const back = createDevice('a', createFakeServer(), device.disk, { over: (there) => ({ ...there, write: there.write }) })
  expect(await get(back, 'k')).toMatchObject({ value: 2 })
  const [change] = waited
  if (!change || !('put' in change)) throw new Error('nothing waited')
  expect(value(await device.records.read(DEMO, 't1_core', change.put)).version).toBeGreaterThan(3)
})

test('what an answer had no room for goes with the next round, not with the next synchronisation', async () => {
  const there = createFakeServer()
  let rounds = 0
  const server: typeof there = {
    ...there,
    async exchange(request, token) {
      rounds++
      const [first, ...others] = request.push
      const answer = await there.exchange({ ...request, push: first ? [first] : [] }, token)
      return answer.ok ? ok({ ...answer.value, pushed: [...answer.value.pushed, ...others.map(() => ({ refused: 'LATER' }))] }) : answer
    },
  }
  const device = createDevice('a', server)
  value(await device.account.adopt(OWNER, await account))
  value(await device.reseal(OWNER))
  for (const key of ['one', 'two', 'three']) value(await put(device, { tier: 't1', key, value: key }))
  expect(value(await device.sync.run(DEMO))).toMatchObject({ pushed: 3, complete: true })
  expect(rounds).toBe(3)
})

test('a record that another worker changes while all is sealed anew keeps what opens it, and is sealed the next time', async () => {
  const disk = tricky()
  const device = createDevice('a', createFakeServer(), undefined, { over: disk.over })
  value(await put(device, { tier: 't1', key: 'k', value: 'kept', subject: 'eve' }))
  value(await device.account.adopt(OWNER, await account))
  // The first write is the subject's key; before the second, the record is another one.
  disk.before = async () => {
    disk.before = async () => {
      const rows = device.disk.stores.get('t1_core')
      for (const row of rows?.values() ?? []) rows?.set(row.id, { ...row, rev: 5 })
    }
  }
  value(await device.reseal(OWNER))
  expect(value(await device.account.load(OWNER)).retiring, 'its keys are needed still').toHaveLength(1)
  value(await device.reseal(OWNER))
  expect(value(await device.account.load(OWNER)).retiring).toEqual([])
  expect(await get(device, 'k')).toMatchObject({ value: 'kept' })
  expect([...device.disk.stores.values()].flatMap((rows) => [...rows.values()])).toHaveLength(2)
})
