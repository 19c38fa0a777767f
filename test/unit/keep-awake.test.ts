import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepAwake } from '../../src/client/keep-awake.ts'
import type { ReceiptView, Snapshot } from '../../src/protocol/views.ts'

const NOW = 1_800_000_000_000

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
  const nobody = { addEventListener: () => undefined }
  vi.stubGlobal('window', nobody)
  vi.stubGlobal('document', { ...nobody, visibilityState: 'hidden' })
  vi.stubGlobal('navigator', { onLine: true })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const shown = (dueAt: number, waitingFor: ReceiptView['waitingFor'] = 'retry') => ({ dueAt, waitingFor }) as ReceiptView

/** How often the worker is woken within so many ms. */
const wakes = (snapshot: Pick<Snapshot, 'receipts' | 'waiting'>, ms: number): number => {
  let count = 0
  keepAwake(
    () => snapshot as Snapshot,
    (what) => (count += what === 'wake' ? 1 : 0),
  )
  vi.advanceTimersByTime(ms)
  return count
}

test('the worker is woken when something is due, and not before', () => {
  expect(wakes({ receipts: [shown(NOW + 10_000)], waiting: 1 }, 9_000)).toBe(0)
  expect(wakes({ receipts: [shown(NOW + 10_000)], waiting: 1 }, 11_000)).toBe(1)
})

test('what only a person can move wakes nobody', () => {
  expect(wakes({ receipts: [shown(NOW, 'approval')], waiting: 1 }, 60_000)).toBe(0)
})

test('when more waits than the snapshot shows, the worker is woken anyway: only it knows when the rest is due', () => {
  expect(wakes({ receipts: [shown(NOW + 86_400_000)], waiting: 2 }, 30_000)).toBe(2)
  expect(wakes({ receipts: [shown(NOW + 86_400_000)], waiting: 1 }, 30_000)).toBe(0)
})

/** What a page that was shown this asks when its worker is gone, and when the next is gone after so many ms. */
const asksOfTheNext = (receipts: readonly ReceiptView[], afterMs?: number): readonly string[] => {
  const asked: string[] = []
  const onGone = keepAwake(
    () => ({ receipts, waiting: receipts.length }) as unknown as Snapshot,
    (what) => asked.push(what),
  )
  asked.length = 0
  onGone()
  if (afterMs === undefined) return asked
  vi.advanceTimersByTime(afterMs)
  asked.length = 0
  onGone()
  return asked
}

test('a worker that is gone with something under way, or due, is followed by the next at once', () => {
  expect(asksOfTheNext([shown(NOW + 45_000, 'running')])).toEqual(['wake'])
  expect(asksOfTheNext([shown(NOW, 'its turn')])).toEqual(['wake'])
})

test('a worker that dies of what it does is not started for it in a spin (law 9)', () => {
  expect(asksOfTheNext([shown(NOW + 45_000, 'running')], 4_000)).toEqual([])
  expect(asksOfTheNext([shown(NOW + 45_000, 'running')], 5_000)).toEqual(['wake'])
})

test('a worker that is gone and left nothing to do stays gone', () => {
  expect(asksOfTheNext([])).toEqual([])
  expect(asksOfTheNext([shown(NOW, 'approval'), shown(NOW + 10_000, 'retry')])).toEqual([])
  vi.stubGlobal('navigator', { onLine: false })
  expect(asksOfTheNext([shown(NOW, 'network')])).toEqual([])
})
