import { open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'

/** A pipe, a terminal or another device: it is written to, never replaced. */
const isDevice = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => !found.isFile(),
    () => false,
  )

/** Writes a file that appears whole or not at all, and gives its bytes. Throws a `Fault` that names a full disk or a closed folder. */
export const writeWhole = async (path: string, text: string): Promise<number> => {
  const draft = `${path}.${randomUUID()}`
  try {
    if (await isDevice(path)) {
      await writeFile(path, text)
      return Buffer.byteLength(text)
    }
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
    return Buffer.byteLength(text)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const full = code === 'ENOSPC' || code === 'EDQUOT'
    throw new Fault(
      EXIT.red,
      full ? 'DISK_FULL' : 'FILE_UNWRITABLE',
      full
        ? `There is no room for ${path}. Nothing was left behind; free some and repeat.`
        : `${path} cannot be written (${code}). Does its folder exist, and is it yours?`,
    )
  }
}
