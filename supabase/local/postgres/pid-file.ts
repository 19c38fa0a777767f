import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Whether a process of this number exists. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** The program a process runs, where the system tells (Linux); null elsewhere. */
const programOf = async (pid: number): Promise<string | null> =>
  readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (line) => line.split('\0')[0] ?? '',
    () => null,
  )

/**
 * The process id of the server that runs on `home/data`, or null. A file that a killed server left is removed when its number now belongs to another
 * program (numbers start again in a new container): PostgreSQL itself would refuse to start then. The file of a dead number stays: PostgreSQL uses it to
 * find processes that outlived their server.
 */
export const runningServer = async (home: string): Promise<number | null> => {
  const file = join(home, 'data', 'postmaster.pid')
  const text = await readFile(file, 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  if (!(pid > 0)) return null
  if (!isAlive(pid)) return null
  const program = await programOf(pid)
  if (program === null || /postgres|postmaster/.test(program)) return pid
  await rm(file, { force: true })
  return null
}
