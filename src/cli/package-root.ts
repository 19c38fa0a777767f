import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'

/** The package's own folder: the nearest above this file that holds `supabase/ops`. It is found from source and from the built package alike. */
export const packageRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'supabase', 'ops'))) {
    const above = dirname(folder)
    if (above === folder) throw new Fault(EXIT.red, 'PACKAGE_BROKEN', 'The package’s folder supabase/ops is missing. Install it again.')
    folder = above
  }
  return folder
}

/** The text of a file that ships with the package, by its path from the package's folder. */
export const packageFile = async (path: string): Promise<string> =>
  readFile(join(packageRoot(), path), 'utf8').catch(() => {
    throw new Fault(EXIT.red, 'PACKAGE_BROKEN', `The package’s file ${path} is missing. Install it again.`)
  })
