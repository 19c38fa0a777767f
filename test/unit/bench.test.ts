import { expect, test } from 'vitest'
import { table, withRun } from '../bench/report.ts'
import { percentile, ratio, rounded } from '../bench/stats.ts'

test('a percentile is one of the samples, by nearest rank, whatever their order', () => {
  const samples = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect(percentile(samples, 0.5)).toBe(50)
  expect(percentile(samples, 0.95)).toBe(95)
  expect(percentile([9, 10, 100], 0.5)).toBe(10)
  expect(percentile([7], 0.95)).toBe(7)
  expect(percentile([3, 1, 2], 0)).toBe(1)
  expect(samples[0]).toBe(100)
})

test('there is no percentile of nothing, and no ratio to nothing', () => {
  expect(() => percentile([], 0.5)).toThrow(RangeError)
  expect(() => ratio(1, 0)).toThrow(RangeError)
  expect(() => ratio(1, Number.NaN)).toThrow(RangeError)
})

test('a ratio says how many times the peer ours is', () => {
  expect(ratio(3, 4)).toBe(0.75)
  expect(rounded(ratio(2, 3))).toBe(0.67)
})

test('a run replaces the one before in the README, and only there', () => {
  const readme = 'a\n<!-- run -->\nold\n<!-- /run -->\nb'
  const text = table({ P2: { ours: { burst500_ms: 100 }, peers: { workbox: { burst500_ms: 1_000 } }, must: '≤ 0.20 × Workbox', met: true } })
  const written = withRun(readme, text)
  expect(written).toContain('| P2 | 500 enqueues at once | burst500_ms 100 | workbox: burst500_ms 1000 | ≤ 0.20 × Workbox | yes |')
  expect(written).not.toContain('old')
  expect(withRun(written, text)).toBe(written)
  expect(() => withRun('no marks', text)).toThrow('no place')
})
