/**
 * Memory between a person's devices, as envelopes: the server sees names that say nothing, sizes and times.
 *
 * Y1 One synchronisation at a time; what is written meanwhile goes with the next round.
 * Y2 What the server took is marked only when what lies here is still what was sent.
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
import type { MemoryRecords } from './memory-records.ts'

type Deps = AccountKeysDep &
  MemoryStoreDep & {
    readonly memory: Memory
    readonly records: MemoryRecords
    readonly server: MemoryServer
    readonly device: () => string
    readonly token: () => Promise<string | null>
    /** Something of the account itself changed on the server. */
    readonly onAccount: (row: RemoteRow) => void
  }

export type MemorySync = { run(principal: Principal): Promise<Result<Synced, MemoryServerFailure | 'storage'>> }

const SYNCED: readonly MemoryStoreName[] = ['subjects', 't1_core', 't2_working']
const isSynced = (store: string): store is MemoryStoreName => (SYNCED as readonly string[]).includes(store)
const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])

type Absorbed = 'taken' | 'locked' | 'unreadable' | 'failed'
type Owed = { readonly store: MemoryStoreName; readonly row: MemoryRow }

export function createMemorySync({ account, memoryStore, memory, records, server, device, token, onAccount }: Deps): MemorySync {
  let running: Promise<Result<Synced, MemoryServerFailure | 'storage'>> | null = null

  async function owed(owner: string, set: string): Promise<readonly Owed[]> {
    const found: Owed[] = []
    let bytes = 0
    for (const store of SYNCED) {
      const rows = await memoryStore.all(store, owner)
      for (const row of rows.ok ? rows.value : []) {
        if (row.dirty !== 1 || row.set !== set) continue
        if (found.length > 0 && (found.length >= LIMITS.pushItemsMax || bytes + row.sealed.length > LIMITS.pushBytesMax)) return found
        bytes += row.sealed.length
        found.push({ store, row })
      }
    }
    return found
  }

  /** What the server took. A deletion has nothing more to say here. */
  async function settled({ store, row }: Owed, rev: number): Promise<void> {
    const now = await memoryStore.get(store, row.id)
    if (!now.ok || !now.value) return
    if (!same(now.value.sealed, row.sealed)) {
      await memory.write([{ store, put: { ...now.value, rev } }], 'strict')
      return
    }
    const { dirty: _, ...clean } = now.value
    await memory.write([row.gone ? { store, remove: row.id } : { store, put: { ...clean, rev } }], 'strict')
  }

  const keep = async (change: MemoryChange): Promise<Absorbed> => ((await memory.write([change], 'strict')).ok ? 'taken' : 'failed')

  /** Takes in what another device wrote. `locked`: it is sealed under a root that is not unlocked here. `failed`: it could not be kept. */
  async function absorb(principal: Principal, set: string, remote: RemoteRow): Promise<Absorbed> {
    const store = remote.store as MemoryStoreName
    const owner = ownerOf(principal)
    const read = await records.read(principal, store, { id: remote.id, set, sealed: remote.sealed })
    if (!read.ok) return read.error === 'LOCKED' ? 'locked' : 'unreadable'
    const epoch = envelopeEpoch(remote.sealed)
    await account.advance(owner, epoch)
    const there = await memoryStore.get(store, remote.id)
    if (!there.ok) return 'failed'
    // What this very device pushed comes back.
    if (there.value && there.value.rev >= remote.rev && same(there.value.sealed, remote.sealed)) return 'taken'
    const mine = there.value ? await records.read(principal, store, there.value) : null
    const decided = merge(store, there.value && mine?.ok ? { record: mine.value, isDirty: there.value.dirty === 1 } : null, read.value)
    if (decided.kind === 'merged' && there.value && decided.record.content === null && !decided.record.deleted)
      return keep({ store, put: { ...there.value, dirty: 1, rev: remote.rev } })
    if (decided.kind === 'merged') {
      const put = await records.toRow(principal, store, remote.id, decided.record, remote.rev)
      return keep({ store, put })
    }
    if (read.value.deleted) return keep({ store, remove: remote.id })
    const { at, expires } = read.value
    const put: MemoryRow = { id: remote.id, owner, set, epoch, at, expires, rev: remote.rev, sealed: remote.sealed }
    return keep({ store, put })
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
    let since = await memoryStore.mark(mark)
    let isStuck = false
    for (let round = 0; round < LIMITS.syncRounds; round++) {
      const due = isShared ? await owed(owner, set) : []
      const bearer = await token()
      if (bearer === null) return err('auth')
      const push = due.map(({ store, row }): PushItem => ({ store, id: row.id, base: row.rev, gone: row.gone === 1, sealed: row.sealed }))
      const answer = await server.exchange({ tenant: principal.tenant, device: device(), since, push }, bearer)
      if (!answer.ok) return answer
      for (const [i, said] of answer.value.pushed.entries()) {
        const item = due[i]
        if (!item) continue
        if ('rev' in said) {
          await settled(item, said.rev)
          total.pushed++
        } else if ('conflict' in said) {
          total.conflicts++
          const absorbed = await absorb(principal, set, said.conflict)
          if (absorbed === 'failed') return err('storage')
          // Under a root that this device has not got it is somebody's newer word: what is here waits until it can be read.
          isStuck ||= absorbed === 'locked'
          if (absorbed !== 'taken') total.unreadable++
          // What nobody can open cannot be merged: what is here is written over it.
          if (absorbed === 'unreadable') await keep({ store: item.store, put: { ...item.row, rev: said.conflict.rev } })
        } else isStuck = true
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
      if (!isShared || (await owed(owner, set)).length === 0) return ok({ ...total, complete: true })
    }
    return ok({ ...total, complete: false })
  }

  return {
    run(principal) {
      running ??= rounds(principal).finally(() => {
        running = null
      })
      return running
    },
  }
}
