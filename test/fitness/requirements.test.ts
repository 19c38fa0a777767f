import { expect, test } from 'vitest'
import { cited, duplicates, readRequirements, requirementFaults, requirementFiles } from './requirements.ts'
import { ROOT, sourceFiles } from './source-files.ts'

const known = new Set(readRequirements().map(({ id }) => id))
const citing = sourceFiles(ROOT, /^(src|sw|test|supabase|\.github)\/.*\.(ts|mjs|sql|md)$/).filter(
  ({ path }) => !path.startsWith('test/fitness/requirements'),
)

test('every file of promises is a list of {id, promise, condition}', () => {
  const files = requirementFiles()
  expect(files.length).toBeGreaterThanOrEqual(7)
  for (const { path, data } of files) expect(requirementFaults(data), path).toEqual([])
})

test('no two promises have the same id', () => {
  expect(known.size).toBeGreaterThan(300)
  expect(duplicates(readRequirements().map(({ id }) => id))).toEqual([])
})

test('every promise that the code or a test cites exists', () => {
  const citations = citing.flatMap(({ path, text }) => cited(text).map((id) => ({ path, id })))
  expect(citations.length).toBeGreaterThan(0)
  expect(citations.filter(({ id }) => !known.has(id))).toEqual([])
})

test.each([
  ['no list', {}],
  ['an empty list', []],
  ['an unknown id form', [{ id: 'x', promise: 'a', condition: 'b' }]],
  ['an empty promise', [{ id: '1-1', promise: ' ', condition: 'b' }]],
  ['a missing condition', [{ id: '1-1', promise: 'a' }]],
  ['an extra member', [{ id: '1-1', promise: 'a', condition: 'b', done: true }]],
])('a file with %s is refused', (_, data) => {
  expect(requirementFaults(data)).not.toEqual([])
})

test('a citation is found wherever it stands', () => {
  expect(cited('law 4, REQ 1-26 and (REQ 4-S-3); REQ B-2, 0-1. Not REQUIREMENT 9-9.')).toEqual(['1-26', '4-S-3', 'B-2', '0-1'])
  expect(duplicates(['1-1', '1-2', '1-1'])).toEqual(['1-1'])
})
