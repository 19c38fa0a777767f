import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Whether `node_modules` holds what `package-lock.json` names: npm records what it installed in a lock file of its own.
 * Packages for other platforms are optional and may be absent; a missing or unreadable record means "not installed".
 * @param {string} root the folder of package.json
 * @returns {boolean}
 */
export function isInstalled(root) {
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  let found
  try {
    found = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages
  } catch {
    return false
  }
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const there = found[path]
    if (there === undefined) return entry.optional === true
    return there.version === entry.version && there.integrity === entry.integrity
  })
}
