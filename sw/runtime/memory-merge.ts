import type { MemoryStoreName } from '../ports/memory-store.ts'
import * as LIMITS from '../../src/protocol/memory-limits.ts'
import type { MemoryRecord } from './memory-records.ts'

/** What lies here of a record: the record, and whether the server has it. */
export type Local = { readonly record: MemoryRecord; readonly isDirty: boolean }

/** `remote`, `local`: one of them as it is. `merged`: a new record that the server must hear of. */
export type Merged = { readonly kind: 'remote' } | { readonly kind: 'local' } | { readonly kind: 'merged'; readonly record: MemoryRecord }

/** The same on every device: the later writing; at the same time, the device whose name is greater. */
const isLater = (a: MemoryRecord, b: MemoryRecord): boolean => a.at > b.at || (a.at === b.at && a.device > b.device)

/** What differs is kept beside the winner where losing it would hurt: core memory, and subjects' keys. */
const keepsLosers = (store: MemoryStoreName): boolean => store === 't1_core' || store === 'subjects'

/**
 * Two devices' versions of one record. Pure.
 *
 * A server that shows an older version than it has shown before is not believed: what is here is sent again.
 */
export function merge(store: MemoryStoreName, local: Local | null, remote: MemoryRecord): Merged {
  if (!local) return { kind: 'remote' }
  if (!local.isDirty) return remote.version >= local.record.version ? { kind: 'remote' } : { kind: 'merged', record: local.record }
  const [winner, loser] = isLater(remote, local.record) ? [remote, local.record] : [local.record, remote]
  const version = Math.max(remote.version, local.record.version) + 1
  const isSame = JSON.stringify(winner.content?.value) === JSON.stringify(loser.content?.value)
  if (winner.content === null || loser.content === null || isSame || !keepsLosers(store))
    return winner === remote ? { kind: 'remote' } : { kind: 'merged', record: { ...winner, version } }
  const known = [...winner.content.others, { value: loser.content.value, at: loser.at, device: loser.device }, ...loser.content.others]
  const others = known.filter((other, i) => known.findIndex(({ at, device }) => at === other.at && device === other.device) === i)
  return { kind: 'merged', record: { ...winner, version, content: { ...winner.content, others: others.slice(0, LIMITS.othersMax) } } }
}
