import { spawnSync } from 'node:child_process'
import { readdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runAs } from './server-user.ts'
import type { ServerUser } from './server-user.ts'

/** A folder that holds `initdb` and `postgres` of one version. */
export type Binaries = { readonly bin: string; readonly major: number }

/** Oldest release with everything the migrations use (`create or replace trigger`). */
const OLDEST = 14

const majorOf = (program: string, user: ServerUser | null): number | null => {
  const asked = spawnSync(program, ['--version'], { ...runAs(user), encoding: 'utf8', timeout: 10_000 })
  return asked.status === 0 ? Number(/\) (\d+)/.exec(asked.stdout)?.[1] ?? Number.NaN) : null
}

/** The two programs of a folder if the user can run both and they belong together; else null. */
export const usable = (bin: string, user: ServerUser | null): Binaries | null => {
  const major = majorOf(join(bin, 'postgres'), user)
  return major !== null && major >= OLDEST && major === majorOf(join(bin, 'initdb'), user) ? { bin, major } : null
}

const listed = async (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])

/** Folders where system packages put PostgreSQL: what PATH leads to, then the versions side by side, newest first. */
export const systemFolders = async (): Promise<readonly string[]> => {
  const inPath = (process.env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/'))
  const found = await Promise.all(inPath.map(async (folder) => realpath(join(folder, 'initdb')).then(dirname, () => null)))
  const debian = (await listed('/usr/lib/postgresql'))
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
  const redhat = (await listed('/usr')).filter((name) => /^pgsql-\d+$/.test(name)).map((name) => `/usr/${name}/bin`)
  const brew = (await listed('/opt/homebrew/opt')).filter((name) => name.startsWith('postgresql')).map((name) => `/opt/homebrew/opt/${name}/bin`)
  return Array.from(new Set([...found.filter((folder) => folder !== null), ...debian, ...redhat, ...brew]))
}
