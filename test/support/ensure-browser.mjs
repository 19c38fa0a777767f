/** Finds a browser for the tests, or installs it where that is possible without asking. Plain JavaScript: it runs before anything is installed. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A server that does not answer is given up after this many seconds: the tests may be run without a network. */
const APT = ['-o', 'Acquire::http::Timeout=20', '-o', 'Acquire::https::Timeout=20']

const runs = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const failure = (code, message) => Object.assign(new Error(`${code}: ${message}`), { code })

/** @returns {string | null} an executable, by the browser's variable, the PATH, or the usual places */
export const findBrowser = ({ variable, names, usual }, env = process.env) => {
  const named = env[variable]
  if (named) return runs(named) ? named : null
  const folders = [...(env['PATH'] ?? '').split(delimiter).filter(Boolean), ...usual]
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find(runs)
    if (found) return found
  }
  return null
}

/** @returns {string} the executable to drive
 *  @throws {Error} with a code and what to do: `BROWSER_PATH_INVALID` when its variable names none, `BROWSER_MISSING` when it cannot be installed */
export const ensureBrowser = (browser) => {
  const { title, variable, debian } = browser
  const found = findBrowser(browser)
  if (found) return found
  if (process.env[variable]) throw failure('BROWSER_PATH_INVALID', `${variable} names ${process.env[variable]}, which is not an executable.`)
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    process.stderr.write(`installing ${debian} with apt-get\n`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', debian]])
      spawnSync('apt-get', [...APT, ...args], { env, stdio: ['ignore', 2, 2] })
    const installed = findBrowser(browser)
    if (installed) return installed
  }
  throw failure(
    'BROWSER_MISSING',
    `These tests need ${title}. Install it (Debian: \`sudo apt-get install ${debian}\`) or set ${variable} to its executable.`,
  )
}
