import { expect, test } from 'vitest'
import { chain, GENESIS, type AuditEntry } from '../../src/audit/entry.ts'
import { verifyChain } from '../../src/audit/verify.ts'

const build = (count: number): AuditEntry[] => {
  const entries: AuditEntry[] = []
  let head = GENESIS
  for (let i = 0; i < count; i++) {
    const entry = chain(head, { at: 1_000 + i, kind: i % 2 ? 'done' : 'admitted', receipt: `r${i >> 1}`, digest: `d${i}` })
    head = { seq: entry.seq, hash: entry.hash }
    entries.push(entry)
  }
  return entries
}

const headOf = (entries: readonly AuditEntry[]) => entries.at(-1) ?? GENESIS

test('a chain that was left alone verifies, the empty one too', () => {
  expect(verifyChain([], GENESIS).intact).toBe(true)
  expect(verifyChain(build(8), headOf(build(8)))).toMatchObject({ intact: true, entries: 8 })
})

test('every edit of every field of every entry is found, at the entry it was made in (B-8)', () => {
  const entries = build(6)
  for (const [i, entry] of entries.entries()) {
    const edits: AuditEntry[] = [
      { ...entry, at: entry.at + 1 },
      { ...entry, kind: 'denied' },
      { ...entry, receipt: 'other' },
      { ...entry, digest: 'other' },
      { ...entry, seq: entry.seq + 1 },
      { ...entry, hash: entry.hash.replace(/^./, (char) => (char === '0' ? '1' : '0')) },
    ]
    for (const edited of edits) expect(verifyChain(entries.with(i, edited), headOf(entries))).toMatchObject({ intact: false, brokenAt: i + 1 })
  }
})

test('every cut, swap, copy and lost tail is found', () => {
  const entries = build(6)
  const head = headOf(entries)
  for (let i = 0; i < entries.length; i++) {
    expect(verifyChain(entries.toSpliced(i, 1), head).intact).toBe(false)
    expect(verifyChain(entries.toSpliced(i, 0, entries[i] as AuditEntry), head).intact).toBe(false)
    if (i > 0) expect(verifyChain(entries.with(i, entries[i - 1] as AuditEntry).with(i - 1, entries[i] as AuditEntry), head).intact).toBe(false)
    expect(verifyChain(entries.slice(0, i), head).intact).toBe(false)
  }
})

test('a chain re-made from an edited entry on does not reach the promised head', () => {
  const entries = build(6)
  let head = { seq: 2, hash: entries[1]?.hash ?? '' }
  const forged = entries.slice(0, 2)
  for (const entry of entries.slice(2)) {
    const next = chain(head, { ...entry, kind: 'forged' })
    head = { seq: next.seq, hash: next.hash }
    forged.push(next)
  }
  expect(verifyChain(forged, headOf(entries))).toMatchObject({ intact: false, why: 'the chain does not reach its head' })
})
