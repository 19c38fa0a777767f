/** Installs exactly what the lock file names, when `node_modules` does not hold it yet. Plain JavaScript: it runs before anything is installed. */
import { spawnSync } from 'node:child_process'
import { isInstalled } from '../../src/demo/host/installed.mjs'

/**
 * @param {string} root the repository's folder
 * @throws {Error} when npm cannot install
 */
export const ensureInstall = (root) => {
  if (isInstalled(root)) return
  process.stderr.write('installing the packages of package-lock.json\n')
  const env = { ...process.env }
  delete env['NODE_ENV']
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--include=dev'], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (done.status !== 0) throw new Error(`npm ci failed (exit code ${done.status}); is the package registry reachable?`)
}
