import { err, ok, type Result } from '../../src/base/result.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import type { AccountKeysDep, AccountState } from '../ports/account-keys.ts'
import { MEMORY_STORES, type MemoryChange, type MemoryRow, type MemoryStoreDep } from '../ports/memory-store.ts'
import type { Memory } from './memory.ts'
import type { MemoryRecord, MemoryRecords } from './memory-records.ts'

type Deps = AccountKeysDep & MemoryStoreDep & { readonly memory: Memory; readonly records: MemoryRecords }

const byFirst = (stores: readonly (typeof MEMORY_STORES)[number][]) => ['subjects' as const, ...stores.filter((store) => store !== 'subjects')]

/**
 * Seals an owner's records anew under the present keys, one transaction a record: the old row goes when the new one is there. The keys'
 * own record is the journal: as long as it names keys that retire, this is begun again at every start; a worker that is killed anywhere
 * leaves each record under the old keys or under the new ones, and has both.
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
  const last: MemoryChange[] = []
  const left = new Set<string>()
  let count = 0
  for (const store of byFirst(MEMORY_STORES)) {
    const rows = await memoryStore.all(store, owner)
    if (!rows.ok) return err(rows.error.name)
    for (const row of rows.value.filter((one) => !isPresent(one))) {
      const read = await records.read(principal, store, row)
      const isSameSet = row.set === state.set
      // What does not open, or only its outside, stays as it is: sealing it anew would lose it.
      if (!read.ok || (read.value.content === null && !read.value.deleted)) {
        left.add(row.set)
        continue
      }
      // A deletion that nobody else can know of needs no telling.
      if (!isSameSet && read.value.deleted) {
        await memory.write([{ store, remove: row.id }], 'strict')
        continue
      }
      const id = isSameSet || read.value.content === null ? row.id : await records.idOf(principal, store, read.value.content.key)
      const subject = read.value.subject === null ? null : (renamed.get(read.value.subject) ?? read.value.subject)
      const there = id === row.id ? null : await memoryStore.get(store, id)
      // The account has this one from another device already: the later one stays, and both keys of a subject do.
      const theirs = there?.ok && there.value ? await records.read(principal, store, there.value) : null
      const record: MemoryRecord = theirs?.ok ? joined(theirs.value, { ...read.value, subject }) : { ...read.value, subject }
      const put = await records.toRow(principal, store, id, record, there?.ok ? (there.value?.rev ?? 0) : isSameSet ? row.rev : 0)
      const old: MemoryChange[] = id === row.id ? [] : [{ store, remove: row.id }]
      if (store === 'subjects') {
        renamed.set(row.id, id)
        last.push(...old)
      }
      const written = await memory.write(store === 'subjects' ? [{ store, put }] : [{ store, put }, ...old], 'strict')
      if (!written.ok) return err(written.error.name)
      count++
    }
  }
  await memory.write(last, 'strict')
  for (const set of state.retiring) if (!left.has(set)) await account.retire(owner, set)
  return ok(count)
}

function joined(theirs: MemoryRecord, mine: MemoryRecord): MemoryRecord {
  const [winner, loser] = theirs.at >= mine.at ? [theirs, mine] : [mine, theirs]
  const version = Math.max(theirs.version, mine.version) + 1
  if (!winner.content || !loser.content || JSON.stringify(winner.content.value) === JSON.stringify(loser.content.value)) return { ...winner, version }
  const others = [...winner.content.others, { value: loser.content.value, at: loser.at, device: loser.device }]
  return { ...winner, version, content: { ...winner.content, others } }
}
