import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './source-files.ts'

const laws = readFileSync(join(ROOT, '.github/LAWS.md'), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ number: Number.parseInt(text, 10), tests: [...text.matchAll(/`(test\/[^`]+)`/g)].map((match) => match[1] ?? '') }))

const cites = (text: string, number: number): boolean => new RegExp(`\\blaw ${number}\\b`, 'i').test(text)

test('there are twelve laws, in order', () => {
  expect(laws.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
})

test.each(laws)('law $number is cited by the tests that it names', ({ number, tests }) => {
  const citing = tests.filter((path) => cites(readFileSync(join(ROOT, path), 'utf8'), number))
  expect(citing.length, `of ${tests.join(', ')}`).toBeGreaterThan(0)
})

test('a citation of another law does not count', () => {
  expect(cites('law 1: admission stamps', 1)).toBe(true)
  expect(cites('law 12: pages are views', 1)).toBe(false)
})
