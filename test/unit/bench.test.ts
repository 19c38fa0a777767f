import { expect, test } from 'vitest'
import { FarLane } from '../bench/far-end.ts'
import { isClean } from '../bench/is-clean.ts'
import { parseOptions } from '../bench/options.ts'
import { faultsTable, report, table, withRun } from '../bench/report.ts'
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

test('the table of faults has a column a side, and a dash for what a side has not', () => {
  const faults = {
    ours: { lost_of_12: 0, repeated_of_12: 0 },
    peers: { workbox: { lost_of_12: 12 } },
    must: 'nothing lost',
    met: true,
  }
  expect(faultsTable(faults).split('\n')).toEqual([
    '| Fault | ours | workbox |',
    '| --- | --- | --- |',
    '| lost of 12 | 0 | 12 |',
    '| repeated of 12 | 0 | – |',
  ])
  expect(table({ faults })).not.toContain('lost')
  expect(report({ faults })).toContain('| lost of 12 | 0 | 12 |')
})

test('a run measures everything, or what it is asked for', () => {
  expect(parseOptions([]).only.size).toBe(10)
  expect(parseOptions(['--quick', '--only', 'P3,faults'])).toMatchObject({ quick: true, json: false, only: new Set(['P3', 'faults']) })
  expect(parseOptions(['--only=P6', '--million']).only).toEqual(new Set(['P6']))
})

test.each([[['--fast']], [['--only', 'P3,P10']], [['--only']], [['P3']]])('a run refuses %j', (args) => {
  expect(() => parseOptions(args)).toThrow()
})

test('the far end counts effects by key, and repeats only where it keeps no keys', () => {
  const keyed = new FarLane()
  expect([keyed.arrive('a'), keyed.arrive('a'), keyed.arrive('b')]).toEqual(['ok', 'ok', 'ok'])
  expect([...keyed.effects]).toEqual([
    ['a', 1],
    ['b', 1],
  ])
  const keyless = new FarLane()
  keyless.keepsKeys = false
  keyless.arrive('a')
  keyless.arrive('a')
  expect(keyless.effects.get('a')).toBe(2)
})

test('the far end does nothing with what it refuses, holds or fails, and everything with what it leaves unanswered', () => {
  const lane = new FarLane()
  lane.fate = (key, arrival) => (key === 'lost' ? 'lose-answer' : arrival === 1 ? 500 : 'refuse')
  expect([lane.arrive('a'), lane.arrive('a'), lane.arrive('lost')]).toEqual([500, 'refuse', 'lose-answer'])
  expect([...lane.effects.keys()]).toEqual(['lost'])
  lane.fate = () => 'hold'
  lane.arrive('held')
  expect(lane.effects.has('held')).toBe(false)
  expect(lane.arrivals.get('held')).toBe(1)
})

test('a run of the faults is clean without a loss, a repeat or a blocked neighbour; what the browser itself repeats is not ours', () => {
  const clean = { lost_at_kill_of_12: 0, effects_per_lost_answer_keyless: 1, effects_per_lost_answer_keyless_reused_connection: 1.33 }
  expect(isClean(clean)).toBe(true)
  expect(isClean({ ...clean, lost_at_kill_of_12: 1 })).toBe(false)
  expect(isClean({ ...clean, effects_per_lost_answer_keyless: 1.33 })).toBe(false)
})
