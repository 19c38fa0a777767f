/**
 * Memory between a person's devices, as envelopes: the server sees names that say nothing, sizes and times.
 *
 * Y1 One synchronisation of a person at a time, under that person's token; what is written meanwhile goes with the next round. Whoever asks while
 *    one is under way is answered by the next: that one may have looked already.
 * Y2 What the server took, and what it gave, is written only over what was read: whatever was written here meanwhile stays, and is looked at again.
 * Y3 How far the server was read is kept after what was read is.
 */
import { envelopeEpoch } from '../../src/base/envelope.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import type { Synced } from '../../src/protocol/memory.ts'
import * as LIMITS from '../../src/protocol/memory-limits.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import type { AccountKeysDep } from '../ports/account-keys.ts'
import type { MemoryServer, MemoryServerFailure, PushItem, RemoteRow } from '../ports/memory-server.ts'
import { MEMORY_STORES, type MemoryChange, type MemoryRow, type MemoryStoreDep, type MemoryStoreName } from '../ports/memory-store.ts'
import type { Memory } from './memory.ts'
import { merge } from './memory-merge.ts'
import { isLost, TRIES_MAX, type MemoryRecords } from './memory-records.ts'

type Deps = AccountKeysDep &
  MemoryStoreDep & {
    readonly memory: Memory
    readonly records: MemoryRecords
    readonly server: MemoryServer
    readonly device: () => string
    readonly token: (owner: Principal) => Promise<string | null>
    /** Something of the account itself changed on the server. */
    readonly onAccount: (row: RemoteRow) => void
  }

export type MemorySync = { run(principal: Principal): Promise<Result<Synced, MemoryServerFailure | 'storage'>> }

const SYNCED: readonly MemoryStoreName[] = ['subjects', 't1_core', 't2_working']
const isSynced = (store: string): store is MemoryStoreName => (SYNCED as readonly string[]).includes(store)
const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])

type Run = ReturnType<MemorySync['run']>
type Absorbed = 'taken' | 'locked' | 'unreadable' | 'failed'
type Owed = { readonly store: MemoryStoreName; readonly row: MemoryRow }

export function createMemorySync({ account, memoryStore, memory, records, server, device, token, onAccount }: Deps): MemorySync {
  const running = new Map<string, Run>()
  const waiting = new Map<string, Run>()

  async function owed(owner: string, set: string): Promise<Result<readonly Owed[], 'storage'>> {
    const found: Owed[] = []
    let bytes = 0
    for (const store of SYNCED) {
      const rows = await memoryStore.all(store, owner)
      if (!rows.ok) return err('storage')
      for (const row of rows.value) {
        if (row.dirty !== 1 || row.set !== set) continue
        if (found.length > 0 && (found.length >= LIMITS.pushItemsMax || bytes + row.sealed.length > LIMITS.pushBytesMax)) return ok(found)
        bytes += row.sealed.length
        found.push({ store, row })
      }
    }
    return ok(found)
  }

  /** Writes what `decide` makes of the row that lies there; decided again when another one lies there by then. */
  async function change(
    owner: string,
    store: MemoryStoreName,
    id: string,
    decide: (there: MemoryRow | null) => Promise<MemoryChange | Absorbed>,
  ): Promise<Absorbed> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const there = await memoryStore.get(store, id)
      if (!there.ok) return 'failed'
      const decided = await decide(there.value ?? null)
      if (typeof decided === 'string') return decided
      const written = await memory.write(owner, [decided], 'strict')
      if (written.ok) return 'taken'
      if (written.error.code !== 'CHANGED') return 'failed'
    }
    return 'failed'
  }

  /** What the server took. A deletion has nothing more to say here. */
  const settled = ({ store, row }: Owed, rev: number): Promise<Absorbed> =>
    change(row.owner, store, row.id, async (now) => {
      if (!now) return 'taken'
      if (!same(now.sealed, row.sealed)) return { store, put: { ...now, rev }, over: now }
      const { dirty: _, ...clean } = now
      return row.gone ? { store, remove: row.id, over: now } : { store, put: { ...clean, rev }, over: now }
    })

  /** Takes in what another device wrote. `locked`: it is sealed under a root that is not unlocked here. `failed`: it could not be kept. */
  async function absorb(principal: Principal, set: string, remote: RemoteRow): Promise<Absorbed> {
    const store = remote.store as MemoryStoreName
    const owner = ownerOf(principal)
    const read = await records.read(principal, store, { id: remote.id, set, sealed: remote.sealed })
    if (!read.ok) return isLost(read.error) ? 'unreadable' : read.error === 'LOCKED' ? 'locked' : 'failed'
    const theirs = read.value
    const epoch = envelopeEpoch(remote.sealed)
    await account.advance(owner, epoch)
    return change(owner, store, remote.id, async (there) => {
      // What this very device pushed comes back.
      if (there && there.rev >= remote.rev && same(there.sealed, remote.sealed)) return 'taken'
      const mine = there ? await records.read(principal, store, there) : null
      if (mine && !mine.ok && mine.error === 'DB_UNOPENABLE') return 'failed'
      const decided = merge(store, there && mine?.ok ? { record: mine.value, isDirty: there.dirty === 1 } : null, theirs)
      if (decided.kind === 'merged' && there && decided.record.content === null && !decided.record.deleted)
        return { store, put: { ...there, dirty: 1, rev: remote.rev }, over: there }
      if (decided.kind === 'merged') return { store, put: await records.toRow(principal, store, remote.id, decided.record, remote.rev), over: there }
      if (theirs.deleted) return there ? { store, remove: remote.id, over: there } : 'taken'
      const { at, expires } = theirs
      return { store, put: { id: remote.id, owner, set, epoch, at, expires, rev: remote.rev, sealed: remote.sealed }, over: there }
    })
  }

  async function rounds(principal: Principal): Promise<Result<Synced, MemoryServerFailure | 'storage'>> {
    const owner = ownerOf(principal)
    const state = await account.load(owner)
    if (!state.ok) return err('storage')
    const total = { pushed: 0, pulled: 0, conflicts: 0, unreadable: 0 }
    // Keys of this device alone name records as no other device does: nothing of theirs can be read, and nothing is given.
    const isShared = state.value.generation > 0
    const { set } = state.value
    const mark = `sync/${owner}/${set}/${state.value.generation}`
    const marked = await memoryStore.mark(mark)
    if (!marked.ok) return err('storage')
    let since = marked.value
    let isStuck = false
    for (let round = 0; round < LIMITS.syncRounds; round++) {
      const found = isShared ? await owed(owner, set) : ok([])
      if (!found.ok) return found
      const due = found.value
      const bearer = await token(principal)
      if (bearer === null) return err('auth')
      const push = due.map(({ store, row }): PushItem => ({ store, id: row.id, base: row.rev, gone: row.gone === 1, sealed: row.sealed }))
      const answer = await server.exchange({ tenant: principal.tenant, device: device(), since, push }, bearer)
      if (!answer.ok) return answer
      for (const [i, said] of answer.value.pushed.entries()) {
        const item = due[i]
        if (!item) continue
        if ('rev' in said) {
          if ((await settled(item, said.rev)) === 'failed') return err('storage')
          total.pushed++
        } else if ('conflict' in said) {
          total.conflicts++
          const absorbed = await absorb(principal, set, said.conflict)
          if (absorbed === 'failed') return err('storage')
          // Under a root that this device has not got it is somebody's newer word: what is here waits until it can be read.
          isStuck ||= absorbed === 'locked'
          if (absorbed !== 'taken') total.unreadable++
          // What nobody can open cannot be merged: what is here is written over it.
          const { rev } = said.conflict
          if (absorbed === 'unreadable')
            await change(owner, item.store, item.row.id, async (now) => (now ? { store: item.store, put: { ...now, rev }, over: now } : 'taken'))
        }
        // `LATER`: this answer had no room for it.
        else isStuck ||= said.refused !== 'LATER'
      }
      for (const row of answer.value.rows.toSorted(
        (a, b) => MEMORY_STORES.indexOf(b.store as 'subjects') - MEMORY_STORES.indexOf(a.store as 'subjects'),
      )) {
        if (row.store === 'account') onAccount(row)
        else if (isShared && isSynced(row.store)) {
          const absorbed = await absorb(principal, set, row)
          // How far the server was read is not moved past what could not be kept.
          if (absorbed === 'failed') return err('storage')
          total[absorbed === 'taken' ? 'pulled' : 'unreadable']++
        }
      }
      since = answer.value.through
      if (isShared) await memoryStore.setMark(mark, since)
      if (answer.value.more) continue
      if (isStuck) break
      const rest = isShared ? await owed(owner, set) : ok([])
      if (!rest.ok) return rest
      if (rest.value.length === 0) return ok({ ...total, complete: true })
    }
    return ok({ ...total, complete: false })
  }

  function begin(principal: Principal, owner: string): Run {
    waiting.delete(owner)
    const run = rounds(principal).finally(() => running.delete(owner))
    running.set(owner, run)
    return run
  }

  return {
    run(principal) {
      const owner = ownerOf(principal)
      const begun = running.get(owner)
      const next = waiting.get(owner)
      if (next) return next
      if (!begun) return begin(principal, owner)
      const again = (): Run => begin(principal, owner)
      const after = begun.then(again, again)
      waiting.set(owner, after)
      return after
    },
  }
}
