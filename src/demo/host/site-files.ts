import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Every regular file below a folder, as sorted URL paths (`/assets/a.js`). Links are not followed. */
export const siteFiles = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `/${relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')}`)
    .toSorted()
