import { createHash } from 'node:crypto'
import { chown, lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServerUser } from './server-user.ts'

/** A socket's whole path may have 107 bytes on Linux, 103 on macOS; the name `.s.PGSQL.5432.lock` needs 19 of them. */
const FOLDER_BYTES_MAX = 84

const ensure = async (folder: string, user: ServerUser | null): Promise<void> => {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (user !== null && made !== undefined) await chown(folder, user.uid, user.gid)
  const stat = await lstat(folder)
  const owner = user?.uid ?? process.getuid?.()
  if (!stat.isDirectory() || (owner !== undefined && stat.uid !== owner) || (stat.mode & 0o077) !== 0) throw new Error(`${folder} is not private`)
}

/** The private folder of the server's socket: in its home, or, when that path is too long for a socket, a name made from it under /tmp. */
export const socketFolder = async (home: string, user: ServerUser | null): Promise<string> => {
  const inside = join(home, 'run')
  const short = `/tmp/maestro-${createHash('sha256').update(home).digest('hex').slice(0, 24)}`
  const folder = Buffer.byteLength(inside) <= FOLDER_BYTES_MAX ? inside : short
  await ensure(folder, user)
  return folder
}
