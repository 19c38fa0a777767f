import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { breakers } from '../requirements/break.ts'
import { judgeRows, testsOf } from '../requirements/held.ts'
import { ROOT, filesNaming, idsIn, readReasons, rowIds } from '../requirements/rows.ts'

const ids = rowIds()
const reasons = readReasons()
const named = new Set(filesNaming(new Set(ids)).flatMap((path) => idsIn(readFileSync(join(ROOT, path), 'utf8'))))

test('every row of the operators’ runbooks is named by a test, or its reason is written down', () => {
  expect(ids).toHaveLength(108)
  expect(ids.filter((id) => !named.has(id) && reasons[id] === undefined)).toEqual([])
  expect(Object.keys(reasons).filter((id) => named.has(id) || !ids.includes(id))).toEqual([])
})

test('every row with a test has a breaker, which names a row and a test file that names the row', () => {
  const broken = breakers()
  const has = new Set(broken.flatMap((one) => one.ids))
  expect(ids.filter((id) => named.has(id) && !has.has(id))).toEqual([])
  for (const { name, ids: of, test: path } of broken) {
    expect([name, existsSync(join(ROOT, path))]).toEqual([name, true])
    const cited = idsIn(readFileSync(join(ROOT, path), 'utf8'))
    expect([name, of.filter((id) => !cited.includes(id) || !ids.includes(id))]).toEqual([name, []])
  }
})

test('a row is held by a test that passed, and not while one that names it fails or none ran', () => {
  const report = (...tests: readonly (readonly [string, string])[]) =>
    testsOf({
      testResults: [{ name: '/somewhere/test/unit/a.test.ts', assertionResults: tests.map(([fullName, status]) => ({ fullName, status })) }],
    })
  const held = (...tests: readonly (readonly [string, string])[]) => judgeRows(['1-1'], report(...tests), {})[0]?.held
  expect(held(['REQ 1-1: works', 'passed'])).toBe(true)
  expect(held(['works (REQ 0-2, 1-1, law 3)', 'passed'])).toBe(true)
  expect(held(['REQ 1-1: works', 'passed'], ['REQ 1-1: works twice', 'failed'])).toBe(false)
  expect(held(['REQ 1-1: works', 'pending'])).toBe(false)
  expect(held(['REQ 1-10: works', 'passed'], ['REQ 11-1', 'passed'], ['1-1', 'passed'])).toBe(false)
})
