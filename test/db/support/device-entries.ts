import { GENESIS, chain } from '../../../src/audit/entry.ts'
import type { AuditEntry, AuditFact } from '../../../src/audit/entry.ts'

const fact = (about: string, index: number): AuditFact => ({
  at: 1_760_000_000_000 + index,
  kind: 'admitted',
  receipt: about,
  digest: 'd'.repeat(64),
})

/** A device's chain from its beginning, every entry about the same receipt. */
export const deviceEntries = (count: number, about = 'receipt-1'): AuditEntry[] => {
  const entries: AuditEntry[] = []
  for (let index = 0; index < count; index += 1) entries.push(chain(entries.at(-1) ?? GENESIS, fact(about, index)))
  return entries
}
