/** Finds Chromium for the browser tests, or installs it where that is possible without asking. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const USUAL = [
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/opt/google/chrome',
  '/Applications/Chromium.app/Contents/MacOS',
  '/Applications/Google Chrome.app/Contents/MacOS',
]
const MAC_NAMES = ['Chromium', 'Google Chrome']

const runs = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** @returns {string | null} an executable, by CHROMIUM_PATH, the PATH, or the usual places */
export const findChromium = (env = process.env) => {
  const named = env['CHROMIUM_PATH']
  if (named) return runs(named) ? named : null
  const folders = [...(env['PATH'] ?? '').split(delimiter).filter(Boolean), ...USUAL]
  for (const name of [...NAMES, ...MAC_NAMES]) {
    const found = folders.map((folder) => join(folder, name)).find(runs)
    if (found) return found
  }
  return null
}

/** @returns {string} the executable to drive
 *  @throws {Error} with what to do, when there is none and it cannot be installed */
export const ensureChromium = () => {
  const found = findChromium()
  if (found) return found
  if (process.env['CHROMIUM_PATH']) throw new Error(`CHROMIUM_PATH names ${process.env['CHROMIUM_PATH']}, which is not an executable`)
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    process.stderr.write('installing chromium with apt-get\n')
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']])
      spawnSync('apt-get', args, { env, stdio: ['ignore', 2, 2] })
    const installed = findChromium()
    if (installed) return installed
  }
  throw new Error('The browser tests need Chromium. Install it (Debian: `sudo apt-get install chromium`) or set CHROMIUM_PATH to its executable.')
}
