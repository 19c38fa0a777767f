/** Memory's ports in memory: a device whose disk outlives its worker, a server, and a worker that can be killed at any step. */
import { ok } from '../../src/base/result.ts'
import type { AccountKeys } from '../../sw/ports/account-keys.ts'
import type { Lock } from '../../sw/ports/lock.ts'
import type { MemoryServer, RemoteRow } from '../../sw/ports/memory-server.ts'
import { MEMORY_STORES, type MemoryRow, type MemoryStore } from '../../sw/ports/memory-store.ts'
import type { SecretsDatabase } from '../../sw/adapters/secrets-database.ts'
import { decide, idOf } from '../../sw/adapters/memory-change.ts'
import { createAccountKeys } from '../../sw/adapters/webcrypto-account-keys.ts'
import { createAccount, type Account } from '../../sw/runtime/account.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { createMemory, type Embed, type Memory } from '../../sw/runtime/memory.ts'
import { createMemoryRecords, type MemoryRecords } from '../../sw/runtime/memory-records.ts'
import { createMemorySync, type MemorySync } from '../../sw/runtime/memory-sync.ts'
import { reseal } from '../../sw/runtime/memory-reseal.ts'

export const DEMO = { tenant: 'demo', user: 'demo' }

export type Disk = {
  readonly secrets: Map<string, unknown>
  readonly stores: Map<string, Map<string, MemoryRow>>
  readonly marks: Map<string, number>
  /** What was set aside of a broken database. */
  readonly copies: string[]
  bytesMax: number
}

export const newDisk = (): Disk => ({
  secrets: new Map(),
  stores: new Map(MEMORY_STORES.map((name) => [name, new Map()])),
  marks: new Map(),
  copies: [],
  bytesMax: Infinity,
})

/** What a copy of the profile would hold. */
export const copyOf = (disk: Disk): Disk => ({
  secrets: new Map(disk.secrets),
  stores: new Map([...disk.stores].map(([name, rows]) => [name, new Map(rows)])),
  marks: new Map(disk.marks),
  copies: [...disk.copies],
  bytesMax: disk.bytesMax,
})

class Killed extends Error {
  override readonly name = 'Killed'
}

/** Counts steps, and kills the worker before step `at`: nothing it does from then on has an effect. */
export const createKiller = (at = Infinity) => {
  let steps = 0
  return {
    steps: () => steps,
    step: (): void => {
      if (++steps > at) throw new Killed(`before step ${at}`)
    },
  }
}
type Killer = ReturnType<typeof createKiller>

const secretsOf = (disk: Disk, killer: Killer): SecretsDatabase => ({
  async get(name) {
    killer.step()
    return disk.secrets.get(name)
  },
  async set(name, value) {
    killer.step()
    disk.secrets.set(name, value)
  },
  async remove(name) {
    killer.step()
    disk.secrets.delete(name)
  },
  exists: async () => true,
  onLost: () => undefined,
})

/** One lock for all workers of a disk, as Web Locks are. */
const held = new WeakMap<Disk, Promise<unknown>>()
const lockOf = (disk: Disk): Lock => ({
  hold(_name, work) {
    const run = (held.get(disk) ?? Promise.resolve()).then(work)
    held.set(
      disk,
      run.catch(() => undefined),
    )
    return run
  },
})

const bytesOf = (disk: Disk): number =>
  [...disk.stores.values()].flatMap((rows) => [...rows.values()]).reduce((sum, { sealed }) => sum + sealed.length, 0)

const storeOf = (disk: Disk, killer: Killer): MemoryStore => {
  const rows = (name: string) => disk.stores.get(name) as Map<string, MemoryRow>
  const byTime = (name: string) => [...rows(name).values()].toSorted((a, b) => a.at - b.at)
  return {
    durability: () => 'durable',
    async get(store, id) {
      killer.step()
      return ok(rows(store).get(id))
    },
    async all(store, owner) {
      killer.step()
      return ok(byTime(store).filter((row) => row.owner === owner))
    },
    async write(changes) {
      killer.step()
      if (changes.length === 0) return ok(null)
      const grown = changes.reduce((sum, change) => sum + ('put' in change ? change.put.sealed.length : 0), bytesOf(disk))
      if (grown > disk.bytesMax) return { ok: false, error: { code: 'QUOTA', name: 'QuotaExceededError' } }
      const decided = changes.map((change) => decide(change, rows(change.store).get(idOf(change))))
      if (decided.includes(null)) return { ok: false, error: { code: 'CHANGED', name: 'ConstraintError' } }
      for (const [i, { store }] of changes.entries()) {
        const one = decided[i]
        if (one && 'put' in one) rows(store).set(one.put.id, one.put)
        else if (one) rows(store).delete(one.remove)
      }
      return ok(null)
    },
    async dropOldest(owner, count) {
      killer.step()
      const gone = byTime('t3_episodic')
        .filter((row) => row.owner === owner)
        .slice(0, count)
      for (const { id } of gone) rows('t3_episodic').delete(id)
      return ok(gone.length)
    },
    async dropCopies() {
      killer.step()
      disk.copies.length = 0
      return ok(null)
    },
    mark: async (name) => ok(disk.marks.get(name) ?? 0),
    async setMark(name, value) {
      killer.step()
      disk.marks.set(name, value)
    },
  }
}

export type FakeServer = MemoryServer & { readonly rows: Map<string, RemoteRow> }

/** Numbers changes and compares, as `maestro_sync_memory` does. */
export const createFakeServer = (): FakeServer => {
  const rows = new Map<string, RemoteRow>()
  let head = 0
  return {
    rows,
    async exchange({ since, push }) {
      const own = new Set<string>()
      const pushed = push.map(({ store, id, base, gone, sealed }) => {
        const name = `${store}/${id}`
        const there = rows.get(name)
        if (there && there.rev !== base) return { conflict: there }
        rows.set(name, { store, id, rev: ++head, gone, sealed })
        own.add(name)
        return { rev: head }
      })
      const due = [...rows].filter(([name, { rev }]) => rev > since && !own.has(name)).map(([, row]) => row)
      return ok({ pushed, rows: due.toSorted((a, b) => a.rev - b.rev), through: Math.max(head, 0), more: false })
    },
    read: async (_tenant, store, id) => ok(rows.get(`${store}/${id}`) ?? null),
  }
}

export type Device = {
  readonly person: Account
  readonly store: MemoryStore
  readonly disk: Disk
  readonly account: AccountKeys
  readonly memory: Memory
  readonly records: MemoryRecords
  readonly sync: MemorySync
  readonly lines: string[]
  /** What is owed after `adopt`, and at every start. */
  reseal(owner: string): ReturnType<typeof reseal>
}

let clock = 1_800_000_000_000
/** Every reading is later than the one before, on all devices. */
export const tick = (ms = 1): number => (clock += ms)

export const createDevice = (
  name: string,
  server: MemoryServer,
  disk: Disk = newDisk(),
  {
    killer = createKiller(),
    embed = null,
    over = (store) => store,
    token = async () => 'token',
  }: {
    killer?: Killer
    embed?: Embed | null
    /** Puts something before the store. */
    over?: (store: MemoryStore) => MemoryStore
    token?: (owner: Principal) => Promise<string | null>
  } = {},
): Device => {
  const lines: string[] = []
  const account = createAccountKeys({ log: { line: ({ text }) => void lines.push(text) }, lock: lockOf(disk), database: secretsOf(disk, killer) })
  const memoryStore = over(storeOf(disk, killer))
  const base = {
    account,
    memoryStore,
    embed,
    clock: { now: () => tick(), elapsed: () => 0, sleep: async () => undefined },
    now: () => tick(),
    device: () => name,
    hex: (count: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(count))).toString('hex'),
    onDirty: () => undefined,
    onAccount: () => undefined,
    token,
    server,
  }
  const records = createMemoryRecords(base)
  const memory = createMemory({ ...base, records })
  const sync = createMemorySync({ ...base, memory, records })
  const person = createAccount({ account, server, online: () => true, device: () => name, token })
  return {
    disk,
    person,
    store: memoryStore,
    account,
    memory,
    records,
    sync,
    lines,
    async reseal(owner) {
      const state = await account.load(owner)
      if (!state.ok) throw new Error(state.error)
      return reseal({ ...base, memory, records }, DEMO, state.value)
    },
  }
}
