import type { MemoryChange, MemoryRow } from '../ports/memory-store.ts'

/** What a transaction does for one change; `null`: it was decided on something else than what lies there, so nothing is done. */
type Decided = { readonly put: MemoryRow } | { readonly remove: string } | null

const isSame = (a: MemoryRow, b: MemoryRow): boolean =>
  a.rev === b.rev && a.dirty === b.dirty && a.sealed.length === b.sealed.length && a.sealed.every((byte, i) => byte === b.sealed[i])

export const idOf = (change: MemoryChange): string => ('put' in change ? change.put.id : change.remove)

/** Pure: a change against what lies there now. */
export function decide(change: MemoryChange, there: MemoryRow | undefined): Decided {
  const { over } = change
  if ('put' in change && over === 'unseen') {
    const isLater = there !== undefined && (change.store === 't3_episodic' || there.at >= change.put.at)
    // The server's number stays: it is about what lies there, which this device has had.
    return isLater ? null : { put: there ? { ...change.put, rev: there.rev } : change.put }
  }
  const stands = over === null ? there === undefined : over !== 'unseen' && there !== undefined && isSame(there, over)
  if (!stands) return null
  return 'put' in change ? { put: change.put } : { remove: change.remove }
}
