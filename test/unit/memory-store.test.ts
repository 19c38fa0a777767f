/** What waits for a disk that cannot be opened, and what a change does to what lies there. */
import { expect, test } from 'vitest'
import type { MemoryChange, MemoryRow } from '../../sw/ports/memory-store.ts'
import { decide } from '../../sw/adapters/memory-change.ts'
import { createMemoryShelf } from '../../sw/adapters/memory-shelf.ts'

const row = (id: string, given: Partial<MemoryRow> = {}): MemoryRow => ({
  id,
  owner: 'me',
  set: 's',
  epoch: 0,
  at: 10,
  expires: null,
  rev: 0,
  sealed: Uint8Array.of(1, 2, 3),
  ...given,
})
const put = (one: MemoryRow, over: MemoryRow | null | 'unseen', store: MemoryChange['store'] = 't1_core'): MemoryChange => ({ store, put: one, over })

test('a change is made of what it was decided on, and of nothing else', () => {
  const [old, now] = [row('a'), row('a', { at: 20, sealed: Uint8Array.of(9) })]
  expect(decide(put(now, old), old)).toEqual({ put: now })
  expect(decide(put(now, null), undefined)).toEqual({ put: now })
  expect(decide({ store: 't1_core', remove: 'a', over: old }, old)).toEqual({ remove: 'a' })
  for (const there of [undefined, { ...old, rev: 1 }, { ...old, dirty: 1 } as const, { ...old, sealed: Uint8Array.of(1, 2, 4) }]) {
    expect(decide(put(now, old), there)).toBeNull()
    expect(decide({ store: 't1_core', remove: 'a', over: old }, there)).toBeNull()
  }
  expect(decide(put(now, null), old)).toBeNull()
})

test('what waited for the disk goes over what is older there, under its number, and gives way to what is newer; the timeline is never written over', () => {
  const waited = row('a', { at: 20 })
  expect(decide(put(waited, 'unseen'), undefined)).toEqual({ put: waited })
  expect(decide(put(waited, 'unseen'), row('a', { at: 10, rev: 7 }))).toEqual({ put: { ...waited, rev: 7 } })
  expect(decide(put(waited, 'unseen'), row('a', { at: 30 }))).toBeNull()
  expect(decide(put(waited, 'unseen', 't3_episodic'), row('a', { at: 10 }))).toBeNull()
})

test('only new rows wait, and what is decided on a row that waits; what was read from the disk cannot be changed without it', () => {
  const shelf = createMemoryShelf()
  const [first, second] = [row('a'), row('a', { at: 20, sealed: Uint8Array.of(9) })]
  expect(shelf.put([put(second, first)])).toBe('refused')
  expect(shelf.put([put(first, null)])).toBe('refused')
  expect(shelf.put([{ store: 't1_core', remove: 'a', over: first }])).toBe('refused')
  expect(shelf.put([put(first, 'unseen')])).toBe('kept')
  expect(shelf.put([put(second, { ...first, rev: 4 })])).toBe('changed')
  expect(shelf.put([put(second, first)])).toBe('kept')
  expect(shelf.get('t1_core', 'a')).toEqual(second)
  expect(shelf.among('t1_core', 'me', [row('b', { at: 15 }), row('a')])).toEqual([row('b', { at: 15 }), second])
  expect(shelf.among('t1_core', 'other', [row('b')])).toEqual([row('b')])
  const [waiting] = shelf.changes()
  expect(waiting).toEqual({ store: 't1_core', put: second, over: 'unseen' })
  shelf.put([put(row('a', { at: 30 }), second)])
  if (waiting) shelf.drop(waiting)
  expect(shelf.size(), 'what took its place meanwhile stays').toBe(1)
})

test('what may wait has a bound, and what is over it is refused, not dropped', () => {
  const shelf = createMemoryShelf()
  const big = Uint8Array.from({ length: 64 * 1024 })
  let kept = 0
  while (kept < 1_000 && shelf.put([put(row(`r${kept}`, { sealed: big }), 'unseen')]) === 'kept') kept++
  expect(kept).toBe(64)
  expect(shelf.size()).toBe(64)
  const many = createMemoryShelf()
  for (let i = 0; i < 500; i++) expect(many.put([put(row(`r${i}`), 'unseen')])).toBe('kept')
  expect(many.put([put(row('one-more'), 'unseen')])).toBe('refused')
  expect(many.put([put(row('r0', { at: 11 }), 'unseen')])).toBe('kept')
})
