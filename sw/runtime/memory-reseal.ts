import { err, ok, type Result } from '../../src/base/result.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import type { AccountKeysDep, AccountState } from '../ports/account-keys.ts'
import { MEMORY_STORES, type MemoryChange, type MemoryRow, type MemoryStoreDep } from '../ports/memory-store.ts'
import type { Memory } from './memory.ts'
import { isLost, type MemoryRecord, type MemoryRecords } from './memory-records.ts'

type Deps = AccountKeysDep & MemoryStoreDep & { readonly memory: Memory; readonly records: MemoryRecords }

const byFirst = (stores: readonly (typeof MEMORY_STORES)[number][]) => ['subjects' as const, ...stores.filter((store) => store !== 'subjects')]

/**
 * Seals an owner's records anew under the present keys, one transaction a record: the old row goes when the new one is there. The keys'
 * own record is the journal: as long as it names keys that retire, this is begun again at every start; a worker that is killed anywhere
 * leaves each record under the old keys or under the new ones, and has both. Keys retire only when every store was read from disk and
 * nothing there is sealed under them; whoever calls holds the memory's lock alone.
 *
 * @returns how many were sealed anew.
 */
export async function reseal(
  { account, memoryStore, memory, records }: Deps,
  principal: Principal,
  state: AccountState,
): Promise<Result<number, string>> {
  const owner = ownerOf(principal)
  const isPresent = (row: MemoryRow): boolean => row.set === state.set && row.epoch === state.epoch
  /** Subjects' keys by their old names: they go last, because records are opened by them. */
  const renamed = new Map<string, string>()
  const last: Extract<MemoryChange, { readonly remove: string }>[] = []
  const left = new Set<string>()
  let count = 0
  for (const store of byFirst(MEMORY_STORES)) {
    const rows = await memoryStore.all(store, owner)
    if (!rows.ok) return err(rows.error.name)
    for (const row of rows.value.filter((one) => !isPresent(one))) {
      const read = await records.read(principal, store, row)
      const isSameSet = row.set === state.set
      if (!read.ok && !isLost(read.error) && read.error !== 'LOCKED') return err(read.error)
      // What does not open, or only its outside, stays as it is: sealing it anew would lose it.
      if (!read.ok || (read.value.content === null && !read.value.deleted)) {
        left.add(row.set)
        continue
      }
      // A deletion that nobody else can know of needs no telling.
      if (!isSameSet && read.value.deleted) {
        const removed = await memory.write(owner, [{ store, remove: row.id, over: row }], 'strict')
        if (!removed.ok && removed.error.code !== 'CHANGED') return err(removed.error.name)
        if (!removed.ok) left.add(row.set)
        continue
      }
      const id = isSameSet || read.value.content === null ? row.id : await records.idOf(principal, store, read.value.content.key)
      const subject = read.value.subject === null ? null : (renamed.get(read.value.subject) ?? read.value.subject)
      const there = id === row.id ? null : await memoryStore.get(store, id)
      // The account has this one from another device already: the later one stays, and both keys of a subject do.
      if (there && !there.ok) return err(there.error.name)
      const theirs = there?.ok && there.value ? await records.read(principal, store, there.value) : null
      if (theirs && !theirs.ok && !isLost(theirs.error)) {
        left.add(row.set)
        continue
      }
      const record: MemoryRecord = theirs?.ok ? joined(theirs.value, { ...read.value, subject }) : { ...read.value, subject }
      const put = await records.toRow(principal, store, id, record, there?.ok ? (there.value?.rev ?? 0) : isSameSet ? row.rev : 0)
      const old = id === row.id ? [] : [{ store, remove: row.id, over: row } as const]
      const over = id === row.id ? row : (there?.ok && there.value) || null
      const isThere = store === 'subjects' && theirs?.ok === true && sameValue(theirs.value, read.value)
      const changes = store === 'subjects' ? [{ store, put, over }] : [{ store, put, over }, ...old]
      const written = await memory.write(owner, isThere ? [] : changes, 'strict')
      if (!written.ok && written.error.code !== 'CHANGED') return err(written.error.name)
      if (!written.ok) {
        // Another worker was there: the next time sees what it did.
        left.add(row.set)
        continue
      }
      if (store === 'subjects') {
        renamed.set(row.id, id)
        last.push(...old)
      }
      count++
    }
  }
  // What was left is opened by them as well.
  const unneeded = last.filter(({ over }) => !left.has(over.set))
  const ended = await memory.write(owner, unneeded, 'strict')
  if (!ended.ok) return err(ended.error.name)
  for (const set of state.retiring) if (!left.has(set)) await account.retire(owner, set)
  return ok(count)
}

const sameValue = (a: MemoryRecord, b: MemoryRecord): boolean => JSON.stringify(a.content?.value) === JSON.stringify(b.content?.value)

function joined(theirs: MemoryRecord, mine: MemoryRecord): MemoryRecord {
  const [winner, loser] = theirs.at >= mine.at ? [theirs, mine] : [mine, theirs]
  const version = Math.max(theirs.version, mine.version) + 1
  if (!winner.content || !loser.content || sameValue(winner, loser)) return { ...winner, version }
  const others = [...winner.content.others, { value: loser.content.value, at: loser.at, device: loser.device }]
  return { ...winner, version, content: { ...winner.content, others } }
}
