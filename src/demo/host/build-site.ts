import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { loadKillKeys } from '../../../supabase/local/kill-keys.ts'
import { siteConfig } from './site-config.ts'
import type { SiteMode } from './site-config.ts'

/** What a build that was killed left behind. */
const sweep = async (dataDir: string): Promise<void> => {
  const left = (await readdir(dataDir)).filter((name) => name.startsWith('site-'))
  await Promise.all(left.map((name) => rm(join(dataDir, name), { recursive: true, force: true })))
}

/** Builds pages and worker, then swaps them in: a build that fails or is stopped leaves the last good site in place. Returns the site's folder. */
export const buildSite = async (dataDir: string, enabled: boolean): Promise<string> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await sweep(dataDir)
  const outDir = await mkdtemp(join(dataDir, 'site-'))
  const site = join(dataDir, 'site')
  const { pinned: killKeys } = await loadKillKeys(dataDir)
  const options = { outDir, enabled: String(enabled), killKeys }
  const run = async (mode: SiteMode) => build({ ...siteConfig(mode, options), configFile: false, mode })
  try {
    await run('production')
    await run('sw')
    await rm(site, { recursive: true, force: true })
    await rename(outDir, site)
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
  return site
}
