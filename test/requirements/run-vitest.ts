import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whatever a title says, only tests that name this id: no digit may stand beside it. */
export const namePattern = (id: string): string => `(^|[^0-9-])${id}([^0-9]|$)`

/** Runs test files of a tree and gives Vitest's JSON report, or null when it ended without one. Its own words go to standard error. */
export const runVitest = async (root: string, files: readonly string[], name?: string): Promise<unknown> => {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-requirements-'))
  const report = join(folder, 'report.json')
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    '.config/vitest.config.ts',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  try {
    await new Promise<void>((resolve) => {
      const child = spawn(process.execPath, [...args, ...(name === undefined ? [] : ['-t', name]), ...files], { cwd: root, stdio: ['ignore', 2, 2] })
      child.once('error', () => resolve())
      child.once('exit', () => resolve())
    })
    return JSON.parse(readFileSync(report, 'utf8')) as unknown
  } catch {
    return null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
