import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'vite'
import { loadKillKeys } from '../../../supabase/local/kill-keys.ts'
import { unlockDocument } from '../../memory/unlock-document.ts'
import { siteConfig } from './site-config.ts'
import type { SiteMode } from './site-config.ts'

type Asked = { readonly enabled: boolean; readonly infer: boolean }

export type Site = {
  /** Of the files that are served as they are. */
  readonly folder: string
  /** The account's unlock document: its headers are its own, not the site's. */
  readonly unlock: Awaited<ReturnType<typeof unlockDocument>>
}

/** What a build that was killed left behind. */
const sweep = async (dataDir: string): Promise<void> => {
  const left = (await readdir(dataDir)).filter((name) => name.startsWith('site-'))
  await Promise.all(left.map((name) => rm(join(dataDir, name), { recursive: true, force: true })))
}

/** Builds pages and workers, then swaps them in: a build that fails or is stopped leaves the last good site in place. */
export const buildSite = async (dataDir: string, { enabled, infer }: Asked): Promise<Site> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await sweep(dataDir)
  const outDir = await mkdtemp(join(dataDir, 'site-'))
  const folder = join(dataDir, 'site')
  const { pinned: killKeys } = await loadKillKeys(dataDir)
  const options = { outDir, enabled: String(enabled), killKeys, infer }
  const run = async (mode: SiteMode) => build({ ...siteConfig(mode, options), configFile: false, mode })
  const pagesThenWorkers = async (): Promise<void> => {
    await run('production')
    await Promise.all([run('sw'), ...(infer ? [run('infer'), copyRuntime(outDir)] : [])])
  }
  try {
    const [unlock] = await Promise.all([run('unlock'), pagesThenWorkers()])
    await rm(folder, { recursive: true, force: true })
    await rename(outDir, folder)
    return { folder, unlock: await unlockDocument(codeOf(unlock)) }
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}

const codeOf = (built: Awaited<ReturnType<typeof build>>): string => {
  const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []))
  return outputs.flatMap((file) => (file.type === 'chunk' ? [file.code] : [])).join('\n')
}

const copyRuntime = async (folder: string): Promise<void> => {
  const wasm = 'ort-wasm-simd-threaded.wasm'
  await copyFile(createRequire(import.meta.url).resolve(`onnxruntime-web/${wasm}`), join(folder, wasm))
}
