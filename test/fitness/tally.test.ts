import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { tally } from '../support/tally.mjs'

const folder = mkdtempSync(join(tmpdir(), 'tally-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((entry) => ({ status: entry })) })
const reported = (files: readonly unknown[], exitCode: number) => {
  const path = join(folder, 'report.json')
  writeFileSync(path, JSON.stringify({ testResults: files }))
  return tally(path, exitCode)
}

test('passed and failed tests are counted over all files', () => {
  expect(reported([file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')], 1)).toEqual({ passed: 3, failed: 1 })
})

test('a file that could not be loaded is a failure', () => {
  expect(reported([file('passed', 'passed'), file('failed')], 1)).toEqual({ passed: 1, failed: 1 })
})

test('a run that ended badly is a failure though every test passed', () => {
  expect(reported([file('passed', 'passed')], 1)).toEqual({ passed: 1, failed: 1 })
})

test('a run without a report is a failure', () => {
  expect(tally(join(folder, 'absent.json'), 0)).toEqual({ passed: 0, failed: 1 })
})

test('skipped tests are neither passed nor failed', () => {
  expect(reported([file('passed', 'passed', 'pending')], 0)).toEqual({ passed: 1, failed: 0 })
})
