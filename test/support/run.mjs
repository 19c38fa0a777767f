/**
 * `npm test`: installs what is missing, runs the suites and ends with one line, `N passed, N failed`.
 * `npm test -- quick db` runs those suites only. Exit code 1 when anything failed or nothing ran.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureChromium } from './ensure-chromium.mjs'
import { ensureFirefox } from './ensure-firefox.mjs'
import { ensureInstall } from './ensure-install.mjs'
import { tally } from './tally.mjs'

/** The projects of each suite. */
const SUITES = { quick: ['quick', 'quick-alone'], db: ['db'], browser: ['browser', 'browser-alone'] }
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const report = join(root, '.cache', `test-report-${process.pid}.json`)

/** Firefox is the second browser: its tests are skipped, aloud, where it is not and cannot be installed. */
const firefoxOrNote = () => {
  try {
    return { firefox: ensureFirefox(), note: '' }
  } catch (error) {
    if (error.code !== 'BROWSER_MISSING') throw error
    return { firefox: '', note: `SKIPPED test/browser/firefox.test.ts. ${error.message}\n` }
  }
}

const finish = ({ passed, failed }) => {
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0
}

const runVitest = (args, env) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...args], { cwd: root, env, stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
    child.on('error', () => resolve(1))
    child.on('exit', (code) => resolve(code ?? 1))
  })

const main = async () => {
  const asked = process.argv.slice(2)
  const isSuite = (argument) => Object.hasOwn(SUITES, argument)
  const suites = asked.filter(isSuite)
  const rest = asked.filter((argument) => !isSuite(argument))
  const selected = suites.length > 0 ? suites : Object.keys(SUITES)
  ensureInstall(root)
  const env = { ...process.env }
  delete env['NODE_ENV']
  const { firefox, note } = selected.includes('browser') ? firefoxOrNote() : { firefox: '', note: '' }
  if (selected.includes('browser')) env['CHROMIUM_PATH'] = ensureChromium()
  if (firefox !== '') env['FIREFOX_PATH'] = firefox
  mkdirSync(dirname(report), { recursive: true })
  const args = ['run', '--config', '.config/vitest.config.ts', ...selected.flatMap((suite) => SUITES[suite].flatMap((name) => ['--project', name]))]
  const code = await runVitest([...args, '--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`, ...rest], env)
  const result = tally(report, code)
  rmSync(report, { force: true })
  process.stdout.write(note)
  finish(result)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  finish({ passed: 0, failed: 1 })
}
