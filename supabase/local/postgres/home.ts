import { randomUUID } from 'node:crypto'
import { chown, lstat, mkdir, mkdtemp, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { readPrivate } from '../private-file.ts'
import { canEnter } from './server-user.ts'
import type { ServerUser } from './server-user.ts'

/** Survives a restart of the machine, unlike /tmp. */
const OUTSIDE = '/var/tmp'

/** Whether a recorded folder is still the one we made: a folder, of the user, closed to all others. Anyone can make names in /var/tmp. */
const isOurs = async (folder: string, user: ServerUser): Promise<boolean> =>
  lstat(folder).then(
    (stat) => stat.isDirectory() && stat.uid === user.uid && (stat.mode & 0o077) === 0,
    () => false,
  )

const record = async (file: string, folder: string): Promise<void> => {
  const draft = `${file}.${randomUUID()}`
  const handle = await open(draft, 'wx', 0o600)
  await handle.writeFile(`${folder}\n`)
  await handle.sync()
  await handle.close()
  await rename(draft, file)
}

/**
 * The folder of the cluster, private to the user who runs it: inside the data folder, or under /var/tmp where a parent of the data folder is closed
 * to that user. A cluster outside is recorded in `postgres-home` and found again.
 */
export const clusterHome = async (dataDir: string, user: ServerUser | null, log: (line: string) => void): Promise<string> => {
  const inside = join(dataDir, 'postgres')
  const note = join(dataDir, 'postgres-home')
  if (user !== null) {
    const recorded = (await readPrivate(note))?.trim()
    if (recorded !== undefined && (await isOurs(recorded, user))) return recorded
    if (recorded !== undefined) log(`the database folder ${recorded} is gone or not ours any more; a new one is made`)
    if (!canEnter(user, dataDir)) {
      const outside = await mkdtemp(join(OUTSIDE, 'maestro-'))
      await chown(outside, user.uid, user.gid)
      await record(note, outside)
      return outside
    }
  }
  await mkdir(inside, { recursive: true, mode: 0o700 })
  if (user !== null) await chown(inside, user.uid, user.gid)
  return inside
}
