import { spawn } from 'node:child_process'
import { access, chown, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { runAs } from './server-user.ts'
import type { ServerUser } from './server-user.ts'

/** The cluster's owner; no other user logs in. */
export const OWNER = 'maestro'

const run = async (program: string, args: readonly string[], user: ServerUser | null): Promise<void> => {
  const child = spawn(program, args, { ...runAs(user), stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2_000)
  })
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`${program} failed: ${complaint.trim()}`)
}

/**
 * Makes `home/data` unless it is there: UTF-8, passwords by SCRAM for every connection, checksums. Made beside its place and moved there, so that an
 * interrupted start leaves no half cluster.
 */
export const initialise = async (home: string, binaries: Binaries, password: string, user: ServerUser | null): Promise<void> => {
  const data = join(home, 'data')
  const present = await access(join(data, 'PG_VERSION')).then(
    () => true,
    () => false,
  )
  if (present) return
  const [draft, passwordFile] = [join(home, 'data.new'), join(home, 'password.new')]
  await rm(draft, { recursive: true, force: true })
  await rm(passwordFile, { force: true })
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' })
  if (user !== null) await chown(passwordFile, user.uid, user.gid)
  try {
    const settings = ['--encoding=UTF8', '--locale=C', '--data-checksums', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
    await run(join(binaries.bin, 'initdb'), ['-D', draft, '-U', OWNER, ...settings], user)
    await rename(draft, data)
  } finally {
    await rm(passwordFile, { force: true })
  }
}
