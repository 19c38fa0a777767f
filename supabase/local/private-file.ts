import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'
const exists = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST'

/** A private file's text, or null when there is none. */
export const readPrivate = async (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })

/**
 * The text of a file that only its owner may read (0600), made once. It appears whole or not at all, and of two processes
 * that make it at once both get the text of the first.
 */
export const privateOnce = async (path: string, make: () => string | Promise<string>): Promise<string> => {
  const present = await readPrivate(path)
  if (present !== null) {
    await chmod(path, 0o600)
    return present
  }
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${randomUUID()}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(await make())
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path)
  } catch (error) {
    if (!exists(error)) throw error
  } finally {
    await rm(draft)
  }
  return readFile(path, 'utf8')
}
