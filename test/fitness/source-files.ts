import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

const SKIPPED = new Set(['node_modules', 'dist', '.git', '.cache', '.maestro'])

export type SourceFile = { readonly path: string; readonly text: string }

/** Every file below `folder` whose path from there matches, sorted by path. */
export const sourceFiles = (folder: string, matches: RegExp): SourceFile[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => matches.test(path) && !path.split('/').some((part) => SKIPPED.has(part)))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
