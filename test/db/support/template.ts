import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Environment name by which the global set-up tells test files where a stopped stack's folder is, to be copied. */
export const TEMPLATE = 'MAESTRO_TEST_TEMPLATE'

/** The folder of a data folder's cluster when that is outside. */
const clusterOutside = async (dataDir: string): Promise<string | null> =>
  readFile(join(dataDir, 'postgres-home'), 'utf8').then(
    (text) => text.trim(),
    () => null,
  )

/** What is in the folder, with owners and modes, which Node's own copy leaves out. */
const copyInto = (from: string, to: string) => promisify(execFile)('cp', ['-Rp', `${from}/.`, to])

/** Fills a fresh data folder with a stopped stack: making a cluster takes a second, copying one a tenth of it. */
export const copyStack = async (from: string, dataDir: string): Promise<void> => {
  await copyInto(from, dataDir)
  const outside = await clusterOutside(from)
  if (outside === null) return
  const home = await mkdtemp('/var/tmp/maestro-')
  await copyInto(outside, home)
  await writeFile(join(dataDir, 'postgres-home'), `${home}\n`, { mode: 0o600 })
}

/** Removes a data folder and the cluster it may have outside. */
export const removeData = async (dataDir: string): Promise<void> => {
  const outside = await clusterOutside(dataDir)
  if (outside !== null) await rm(outside, { recursive: true, force: true })
  await rm(dataDir, { recursive: true, force: true })
}
