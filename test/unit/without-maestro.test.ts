import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { ROOT } from '../fitness/source-files.ts'

const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { scripts: Record<string, string> }
const NAME = 'test:without-maestro'

test.runIf(NAME in scripts)('REQ 2-14: the host app’s own tests run without MAESTRO’s, by one npm script, and pass', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '-s', NAME], { cwd: ROOT, env: { ...process.env, VITE_MAESTRO_ENABLED: 'false' } })
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(stdout) ?? []
  expect([Number(passed) > 10, failed]).toEqual([true, '0'])
  expect(stdout).not.toMatch(/test\/(?!unit\/demo)/)
})
