import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'

/** The user PostgreSQL runs as: it refuses to run as root. */
export type ServerUser = { readonly uid: number; readonly gid: number }

const NAMES = ['postgres', 'nobody']

/** Null when we are not root: then the server is ours. Throws when root has no unprivileged user to give it to. */
export const serverUser = async (): Promise<ServerUser | null> => {
  if (process.getuid?.() !== 0) return null
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of NAMES) {
    const fields = users.find(([first]) => first === name)
    const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])]
    if (fields !== undefined && uid > 0 && Number.isInteger(gid)) return { uid, gid }
  }
  throw new Error('PostgreSQL does not run as root, and this system has neither a user "postgres" nor "nobody"')
}

/** Options for child processes that run as the user, with nothing of our environment but where programs are. */
export const runAs = (user: ServerUser | null) => ({
  ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
  cwd: '/',
  env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
})

/** Whether the user may enter the folder: every parent counts, and so do access lists, so it is tried. */
export const canEnter = (user: ServerUser | null, folder: string): boolean =>
  user === null || spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...runAs(user), stdio: 'ignore' }).status === 0
