import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ensureBrowser, findBrowser } from '../support/ensure-browser.mjs'

const WANTED = { title: 'Canary', variable: 'CANARY_PATH', debian: 'canary', names: ['canary-esr', 'canary'], usual: [] }

const folderWith = (...names: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-fitness-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of names) {
    writeFileSync(join(folder, name), '#!/bin/sh\n')
    chmodSync(join(folder, name), name.endsWith('.txt') ? 0o644 : 0o755)
  }
  return folder
}

test('a browser is found by its variable, then by its best name on the PATH', () => {
  const folder = folderWith('canary', 'canary-esr', 'mine')
  expect(findBrowser(WANTED, { PATH: folder })).toBe(join(folder, 'canary-esr'))
  expect(findBrowser(WANTED, { PATH: folder, CANARY_PATH: join(folder, 'mine') })).toBe(join(folder, 'mine'))
  expect(findBrowser({ ...WANTED, usual: [folder] }, {})).toBe(join(folder, 'canary-esr'))
})

test('a variable that names no executable finds nothing, also where there is another', () => {
  const folder = folderWith('canary', 'notes.txt')
  expect(findBrowser(WANTED, { PATH: folder, CANARY_PATH: join(folder, 'notes.txt') })).toBeNull()
  vi.stubEnv('CANARY_PATH', join(folder, 'notes.txt'))
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(() => ensureBrowser(WANTED)).toThrow(/^BROWSER_PATH_INVALID: CANARY_PATH names .*notes\.txt/)
})

test('a browser that is missing and cannot be installed is said with a code and what to do', () => {
  const spy = vi.spyOn(process, 'getuid').mockReturnValue(1_000)
  onTestFinished(() => spy.mockRestore())
  expect(() => ensureBrowser(WANTED)).toThrow(expect.objectContaining({ code: 'BROWSER_MISSING', message: expect.stringContaining('CANARY_PATH') }))
})
