/**
 * `TieredMemory`, the worker's half.
 *
 * M1 T1 is written and removed only when the caller says that a person confirmed it; it never expires.
 * M2 T2 ends after its time: such a record is not shown, and goes at the next purge.
 * M3 T3 is appended to, never overwritten, and ordered by time. Under quota its writer's oldest records go first, and nothing else while one is left.
 * M4 Nothing of another tenant or person is looked at or removed; what does not open is absent, with the reason, and counted.
 * M5 Nothing is acknowledged before its transaction is complete, and where it lies (`durable`, `memory`) is said.
 * M6 What is written takes the place of what was read, or is decided again: of two writers at once none is lost without a word.
 */
import { canonical } from '../../src/base/canonical.ts'
import type { Json } from '../../src/base/json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import type { Found, Kept, MemoryItem, MemoryPage, Missing, Swept, Tier } from '../../src/protocol/memory.ts'
import * as LIMITS from '../../src/protocol/memory-limits.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import type { AccountKeysDep } from '../ports/account-keys.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { MemoryChange, MemoryRow, MemoryStoreDep, MemoryStoreName, MemoryWriteFailure } from '../ports/memory-store.ts'
import { isLost, TRIES_MAX, type MemoryRecord, type MemoryRecords } from './memory-records.ts'
import { cosine, keywordScores, textOf } from './memory-search.ts'

export const STORE_OF: Readonly<Record<Tier, MemoryStoreName>> = { t1: 't1_core', t2: 't2_working', t3: 't3_episodic' }
const TIERS: readonly Tier[] = ['t1', 't2', 't3']

/** Meaning as numbers, from a model where there is one; `null` while there is none. */
export type Embed = (texts: readonly string[]) => Promise<readonly (readonly number[])[] | null>

type Deps = ClockDep &
  AccountKeysDep &
  MemoryStoreDep & {
    readonly records: MemoryRecords
    readonly device: () => string
    readonly hex: (count: number) => string
    readonly embed: Embed | null
    /** Something is there that other devices should have. */
    readonly onDirty: () => void
  }

export type PutArgs = {
  readonly tier: Tier
  readonly key: string | undefined
  readonly value: Json
  readonly confirmed: boolean
  readonly ttlMs: number | undefined
  readonly subject: string | undefined
}

export type EvictArgs = { readonly tier: Tier; readonly keys: readonly string[]; readonly confirmed: boolean }

export type Memory = {
  put(principal: Principal, args: PutArgs): Promise<Result<Kept, Failure>>
  get(principal: Principal, tier: Tier, key: string): Promise<Result<Found | Missing, Failure>>
  list(principal: Principal, tier: Tier, after: number, limit: number): Promise<Result<MemoryPage, Failure>>
  search(principal: Principal, query: string, tiers: readonly Tier[], limit: number): Promise<Result<readonly MemoryItem[], Failure>>
  evict(principal: Principal, args: EvictArgs): Promise<Result<Swept, Failure>>
  /** Removes what has expired, and, when asked, what will never open again on this device. */
  purge(principal: Principal, unreadable: boolean): Promise<Result<Swept, Failure>>
  /** Destroys a subject's key, in every place this device has it, and every record about it. */
  forget(principal: Principal, subject: string): Promise<Result<Swept, Failure>>
  /** How many records each tier holds, and how many of them do not open. */
  counts(principal: Principal): Promise<Result<Readonly<Record<Tier, number>> & { readonly unreadable: number; readonly dropped: number }, Failure>>
  /** Writes an owner's rows, making room by that owner's oldest T3 records when the disk is full. */
  write(
    owner: string,
    changes: readonly MemoryChange[],
    durability: 'strict' | 'relaxed',
  ): Promise<Result<{ readonly dropped: number }, MemoryWriteFailure>>
}

type Opened = { readonly row: MemoryRow; readonly record: MemoryRecord }

const storageFailed = (name: string): Failure => failure('STORAGE_FAILED', `the memory could not be used (${name})`)

export function createMemory(deps: Deps): Memory {
  const { clock, memoryStore, records } = deps
  let dropped = 0
  let lastAt = 0
  let appends = 0

  const isExpired = (expires: number | null): boolean => expires !== null && expires <= clock.now()

  const write: Memory['write'] = async (owner, changes, durability) => {
    let gone = 0
    for (;;) {
      const written = await memoryStore.write(changes, durability)
      if (written.ok) return ok({ dropped: gone })
      if (written.error.code !== 'QUOTA') return written
      const freed = await memoryStore.dropOldest(owner, LIMITS.dropAtOnce)
      if (!freed.ok || freed.value === 0) return written
      gone += freed.value
      dropped += freed.value
    }
  }

  const toFailure = ({ code, name }: MemoryWriteFailure): Failure =>
    code === 'QUOTA'
      ? failure('STORAGE_FAILED', 'the disk is full, and nothing is left that may be dropped (QuotaExceededError)')
      : storageFailed(name)

  async function rowsOf(principal: Principal, store: MemoryStoreName): Promise<Result<readonly MemoryRow[], Failure>> {
    const read = await memoryStore.all(store, ownerOf(principal))
    return read.ok ? read : err(storageFailed(read.error.name))
  }

  async function open(
    principal: Principal,
    store: MemoryStoreName,
    rows: readonly MemoryRow[],
  ): Promise<{ opened: Opened[]; unreadable: MemoryRow[] }> {
    const opened: Opened[] = []
    const unreadable: MemoryRow[] = []
    for (let from = 0; from < rows.length; from += LIMITS.openedAtOnce) {
      const some = rows.slice(from, from + LIMITS.openedAtOnce)
      const read = await Promise.all(some.map((row) => records.read(principal, store, row)))
      read.forEach((result, i) => {
        const row = some[i]
        if (!row) return
        if (result.ok) opened.push({ row, record: result.value })
        else unreadable.push(row)
      })
    }
    return { opened, unreadable }
  }

  /** Every shelf is full some day: of the timeline the newest stay. */
  async function trim(principal: Principal): Promise<void> {
    const owner = ownerOf(principal)
    const rows = await memoryStore.all('t3_episodic', owner)
    const over = rows.ok ? rows.value.length - LIMITS.t3RowsMax : 0
    const gone = over > 0 ? await memoryStore.dropOldest(owner, over) : null
    dropped += gone?.ok ? gone.value : 0
  }

  const itemOf = (tier: Tier, { row, record }: Opened): MemoryItem | null =>
    record.deleted || record.content === null || isExpired(record.expires)
      ? null
      : {
          tier,
          key: record.content.key,
          value: record.content.value,
          at: record.at,
          ...(record.expires === null ? {} : { expires: record.expires }),
          ...(record.content.others.length === 0 ? {} : { others: record.content.others }),
          synced: row.dirty === undefined && row.rev > 0,
        }

  const tombstone = (version: number, subject: string | null): MemoryRecord => ({
    at: clock.now(),
    expires: null,
    version,
    device: deps.device(),
    deleted: true,
    subject,
    content: null,
  })

  /** What takes the place of a row that goes: nothing where no other device knows it, a sealed deletion where one may. */
  async function goneOf(principal: Principal, store: MemoryStoreName, row: MemoryRow, version: number): Promise<MemoryChange> {
    if (store === 't3_episodic') return { store, remove: row.id, over: row }
    return { store, put: await records.toRow(principal, store, row.id, tombstone(version, null), row.rev), over: row }
  }

  type Sweep = { readonly changes: readonly MemoryChange[]; readonly unreadable: number }

  /** Takes away what `find` finds, all of it or nothing; found again where something of it has changed meanwhile. */
  async function swept(principal: Principal, find: () => Promise<Result<Sweep, Failure>>): Promise<Result<Swept, Failure>> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const found = await find()
      if (!found.ok) return found
      const { changes, unreadable } = found.value
      const written = await write(ownerOf(principal), changes, 'strict')
      if (written.ok && changes.length > 0) deps.onDirty()
      if (written.ok) return ok({ removed: changes.length, unreadable })
      if (written.error.code !== 'CHANGED') return err(toFailure(written.error))
    }
    return err(storageFailed('CHANGED'))
  }

  const refusal = ({ tier, confirmed, ttlMs }: Pick<PutArgs, 'tier' | 'confirmed' | 'ttlMs'>): Failure | null =>
    tier === 't1' && !confirmed
      ? failure('POLICY_BLOCKED', 'T1 is written only when a person has confirmed it', 'confirmed')
      : ttlMs !== undefined && tier !== 't2'
        ? failure('PARAMS_INVALID', 'only T2 expires', 'ttlMs')
        : null

  return {
    write,
    async put(principal, args) {
      const refused = refusal(args)
      if (refused) return err(refused)
      const store = STORE_OF[args.tier]
      // Two records of one millisecond keep their order.
      const at = (lastAt = Math.max(clock.now(), lastAt + 1))
      const key = args.key ?? `${String(at).padStart(15, '0')}-${deps.hex(8)}`
      const id = await records.idOf(principal, store, key)
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const there = await memoryStore.get(store, id)
        const over = there.ok ? (there.value ?? null) : 'unseen'
        const before = there.ok && there.value ? await records.read(principal, store, there.value) : null
        if (before && args.tier === 't3') {
          // A page that lost our answer asks again: the same record twice is one.
          const isSame = before.ok && before.value.content !== null && canonical(before.value.content.value) === canonical(args.value)
          return isSame
            ? ok({ key, at: before.value.at, durability: memoryStore.durability(), dropped: 0 })
            : err(failure('KEY_REUSED', 'T3 only grows: this key is taken', 'key'))
        }
        const subject = args.subject === undefined ? ok(null) : await records.subjectKey(principal, args.subject)
        if (!subject.ok) return err(toFailure(subject.error))
        const record: MemoryRecord = {
          at,
          expires: args.tier === 't2' ? at + (args.ttlMs ?? LIMITS.t2TtlMs) : null,
          // Over what nobody can read or ask: above all that was counted before.
          version: before?.ok ? before.value.version + 1 : over === null ? 1 : at,
          device: deps.device(),
          deleted: false,
          subject: subject.value,
          content: { key, value: args.value, others: [] },
        }
        const put = await records.toRow(principal, store, id, record, there.ok ? (there.value?.rev ?? 0) : 0)
        const written = await write(put.owner, [{ store, put, over }], args.tier === 't3' ? 'relaxed' : 'strict')
        if (written.ok) {
          if (args.tier !== 't3') deps.onDirty()
          else if (++appends % LIMITS.t3LookedAtEvery === 0) await trim(principal)
          return ok({ key, at, durability: memoryStore.durability(), dropped: written.value.dropped })
        }
        // Looked at again: something else lies there by now, or the disk went away between the two.
        const isAnew = written.error.code === 'CHANGED' || (written.error.code === 'UNOPENABLE' && over !== 'unseen')
        if (!isAnew) return err(toFailure(written.error))
      }
      return err(storageFailed('CHANGED'))
    },

    async get(principal, tier, key) {
      const store = STORE_OF[tier]
      const row = await memoryStore.get(store, await records.idOf(principal, store, key))
      if (!row.ok) return err(storageFailed(row.error.name))
      if (!row.value || row.value.gone) return ok({ found: false, reason: 'absent' })
      const read = await records.read(principal, store, row.value)
      if (!read.ok && !isLost(read.error) && read.error !== 'LOCKED') return err(storageFailed(read.error))
      if (!read.ok) return ok({ found: false, reason: read.error === 'LOCKED' ? 'locked' : 'unreadable' })
      if (isExpired(read.value.expires)) return ok({ found: false, reason: 'expired' })
      const item = itemOf(tier, { row: row.value, record: read.value })
      return ok(item ? { found: true, ...item } : { found: false, reason: read.value.deleted ? 'absent' : 'forgotten' })
    },

    async list(principal, tier, after, limit) {
      const store = STORE_OF[tier]
      const rows = await rowsOf(principal, store)
      if (!rows.ok) return rows
      const due = rows.value.filter((row) => row.at > after && !row.gone && !isExpired(row.expires))
      const page = due.slice(0, limit)
      const { opened, unreadable } = await open(principal, store, page)
      return ok({
        items: opened.flatMap((one) => itemOf(tier, one) ?? []),
        unreadable: unreadable.length,
        next: due.length > limit ? (page.at(-1)?.at ?? null) : null,
      })
    },

    async search(principal, query, tiers, limit) {
      const items: MemoryItem[] = []
      for (const tier of tiers) {
        const rows = await rowsOf(principal, STORE_OF[tier])
        if (!rows.ok) return rows
        const { opened } = await open(principal, STORE_OF[tier], rows.value.filter(({ gone }) => !gone).slice(-LIMITS.searchedMax))
        items.push(...opened.flatMap((one) => itemOf(tier, one) ?? []))
      }
      const texts = items.map(({ key, value }) => `${key} ${textOf(value)}`)
      const scores = keywordScores(query, texts)
      // A model that is not there, or fails, takes nothing away: words still find.
      const meant = deps.embed ? await deps.embed([query, ...texts]).catch(() => null) : null
      const [asked, ...others] = meant ?? []
      const ranked = items.map((item, i) => {
        const likeness = asked && others[i] ? cosine(asked, others[i]) : 0
        return { item, score: (scores[i] ?? 0) + (likeness > LIMITS.likenessMin ? likeness : 0) }
      })
      const found = ranked.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score || b.item.at - a.item.at)
      return ok(found.slice(0, limit).map(({ item }) => item))
    },

    async evict(principal, { tier, keys, confirmed }) {
      const refused = refusal({ tier, confirmed, ttlMs: undefined })
      if (refused) return err(refused)
      const store = STORE_OF[tier]
      return swept(principal, async () => {
        const changes: MemoryChange[] = []
        for (const key of new Set(keys)) {
          const row = await memoryStore.get(store, await records.idOf(principal, store, key))
          if (!row.ok) return err(storageFailed(row.error.name))
          if (!row.value || row.value.gone) continue
          const read = await records.read(principal, store, row.value)
          changes.push(await goneOf(principal, store, row.value, read.ok ? read.value.version + 1 : Number.MAX_SAFE_INTEGER))
        }
        return ok({ changes, unreadable: 0 })
      })
    },

    purge: (principal, unreadable) =>
      swept(principal, async () => {
        const changes: MemoryChange[] = []
        let lost = 0
        for (const tier of TIERS) {
          const store = STORE_OF[tier]
          const rows = await rowsOf(principal, store)
          if (!rows.ok) return rows
          for (const row of rows.value) {
            if (row.gone) continue
            if (isExpired(row.expires)) {
              const read = row.rev > 0 ? await records.read(principal, store, row) : null
              changes.push(read?.ok ? await goneOf(principal, store, row, read.value.version + 1) : { store, remove: row.id, over: row })
            } else if (unreadable) {
              const read = await records.read(principal, store, row)
              // What an unlocking may open, or what cannot be read just now, is not lost.
              if (read.ok || !isLost(read.error)) continue
              changes.push({ store, remove: row.id, over: row })
              lost++
            }
          }
        }
        return ok({ changes, unreadable: lost })
      }),

    async forget(principal, subject) {
      const id = await records.idOf(principal, 'subjects', subject)
      const forgotten = await swept(principal, async () => {
        const key = await memoryStore.get('subjects', id)
        if (!key.ok) return err(storageFailed(key.error.name))
        const changes: MemoryChange[] = []
        if (key.value && !key.value.gone) {
          const read = await records.read(principal, 'subjects', key.value)
          changes.push(await goneOf(principal, 'subjects', key.value, read.ok ? read.value.version + 1 : 1))
        }
        for (const tier of TIERS) {
          const rows = await rowsOf(principal, STORE_OF[tier])
          if (!rows.ok) return rows
          const { opened } = await open(principal, STORE_OF[tier], rows.value)
          for (const { row, record } of opened)
            if (record.subject === id && !record.deleted) changes.push(await goneOf(principal, STORE_OF[tier], row, record.version + 1))
        }
        return ok({ changes, unreadable: 0 })
      })
      if (!forgotten.ok) return forgotten
      // The subject's key lies there too.
      const dropped = await memoryStore.dropCopies()
      return dropped.ok ? forgotten : err(storageFailed(dropped.error.name))
    },

    async counts(principal) {
      const counts = { t1: 0, t2: 0, t3: 0, unreadable: 0, dropped }
      for (const tier of TIERS) {
        const rows = await rowsOf(principal, STORE_OF[tier])
        if (!rows.ok) return rows
        const { opened, unreadable } = await open(
          principal,
          STORE_OF[tier],
          rows.value.filter(({ gone }) => !gone),
        )
        counts[tier] = opened.filter((one) => itemOf(tier, one)).length
        counts.unreadable += unreadable.length
      }
      return ok(counts)
    },
  }
}
