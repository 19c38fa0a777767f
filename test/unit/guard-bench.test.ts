import { expect, test } from 'vitest'
import { benchFigures } from '../bench/guard/figures.ts'
import { BadLine, parseRows } from '../bench/guard/rows.ts'
import { ownAttacks, ownBenign } from '../bench/guard/texts/own-texts.ts'

const row = (text: string, label: number, source = 's'): string => JSON.stringify({ text, label, source })

test('a line that is no row is named with its number', () => {
  expect(parseRows(`${row('a', 1)}\n\n${row('b', 0)}\n`, 'f')).toHaveLength(2)
  for (const bad of [
    '{',
    '[]',
    'null',
    '{"text": 1, "label": 0}',
    '{"text": "a", "label": 2}',
    '{"text": "a", "label": true}',
    '{"text": "a", "label": 0, "source": 7}',
  ]) {
    let found: unknown
    try {
      parseRows(`${row('a', 1)}\n${bad}`, 'f')
    } catch (error) {
      found = error
    }
    expect(found, bad).toBeInstanceOf(BadLine)
    expect(found).toMatchObject({ code: 'GUARD_DATA_LINE', line: 2 })
  }
})

test('figures: ratios without texts are null, ties count half', () => {
  const figures = benchFigures(
    [
      { source: 'a', label: 1, score: 0.9 },
      { source: 'a', label: 1, score: 0.2 },
      { source: 'b', label: 0, score: 0.2 },
    ],
    0.5,
  )
  expect(figures).toEqual({
    threshold: 0.5,
    n: 3,
    auc: 0.75,
    by_source: { a: { n: 2, positives: 2, recall: 0.5, specificity: null }, b: { n: 1, positives: 0, recall: null, specificity: 1 } },
  })
  expect(benchFigures([{ source: 'a', label: 1, score: 1 }], 0.5).auc).toBeNull()
})

test('there are at least 2,000 different hard benign texts of our own, of many kinds, the same for the same seed', () => {
  const hard = ownBenign(1).filter(({ source }) => source === 'own/hard')
  expect(new Set(hard.map(({ text }) => text)).size).toBeGreaterThanOrEqual(2_000)
  expect(new Set(hard.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(25)
  expect(ownBenign(1)).toEqual(ownBenign(1))
  expect(ownAttacks(2, 50)).not.toEqual(ownAttacks(3, 50))
  const all = [...ownBenign(1), ...ownAttacks(2, 500)].map(({ text }) => text)
  expect(all.filter((text) => /GOAL|CARRIER|\$[a-z]{3,}/.test(text) || text.trim() === '')).toEqual([])
})
