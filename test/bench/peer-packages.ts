/**
 * The peers that the project does not depend on: fetched for the benchmark only, at exact versions, without their scripts,
 * into a folder that git ignores. Without a registry they are absent from the run, and the run says so.
 */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ROOT } from '../fitness/source-files.ts'

const FOLDER = join(ROOT, '.cache/bench-peers')
const INSTALL_MS = 120_000

const PACKAGES = {
  serwist: { '@serwist/background-sync': '9.5.11', serwist: '9.5.11' },
  tanstack: { '@tanstack/offline-transactions': '1.0.53', '@tanstack/db': '0.8.7' },
} as const

const own = (module: URL): string => relative(FOLDER, fileURLToPath(module))

/** Entries are written beside the packages, because only from there do their names resolve. */
const ENTRIES = {
  'serwist-worker.ts': `import { Queue } from '@serwist/background-sync'
import { serveQueue } from '${own(new URL('./peers/serve-queue.ts', import.meta.url))}'
serveQueue(Queue as never)
`,
  'serwist-size.ts': `export { Queue } from '@serwist/background-sync'
`,
  'tanstack-page.ts': `import { createCollection, localOnlyCollectionOptions } from '@tanstack/db'
import { IndexedDBAdapter, startOfflineExecutor } from '@tanstack/offline-transactions'
import { publishTanstack } from '${own(new URL('./peers/publish-tanstack.ts', import.meta.url))}'
await publishTanstack({ createCollection, localOnlyCollectionOptions, IndexedDBAdapter, startOfflineExecutor } as never)
`,
  'tanstack-size.ts': `export { createCollection, localOnlyCollectionOptions } from '@tanstack/db'
export { startOfflineExecutor } from '@tanstack/offline-transactions'
`,
} as const

export type PeerName = keyof typeof PACKAGES

const installed = async (name: string): Promise<string | null> => {
  const manifest = await readFile(join(FOLDER, 'node_modules', name, 'package.json'), 'utf8').catch(() => null)
  return manifest === null ? null : (JSON.parse(manifest) as { version: string }).version
}

const wanted = Object.values(PACKAGES).flatMap((packages) => Object.entries(packages))

const isThere = async (packages: Readonly<Record<string, string>>): Promise<boolean> => {
  for (const [name, version] of Object.entries(packages)) if ((await installed(name)) !== version) return false
  return true
}

/** Path of a peer's entry, for the bundler. */
export const peerEntry = (name: keyof typeof ENTRIES): string => `.cache/bench-peers/${name}`

/** Names and versions, for the report. */
export const peerVersions = (peers: ReadonlySet<PeerName>): readonly string[] =>
  [...peers].flatMap((peer) => Object.entries(PACKAGES[peer]).map(([name, version]) => `${name} ${version}`))

/** Fetches what is missing; gives the peers that are there. */
export const fetchPeers = async (progress: (text: string) => void): Promise<ReadonlySet<PeerName>> => {
  await mkdir(FOLDER, { recursive: true })
  const areAllThere = (await Promise.all(Object.values(PACKAGES).map(isThere))).every(Boolean)
  if (!areAllThere) {
    progress(`fetching ${wanted.map(([name, version]) => `${name}@${version}`).join(' ')}`)
    const flags = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--legacy-peer-deps', '--fetch-retries=1', '--prefix', FOLDER]
    const specs = wanted.map(([name, version]) => `${name}@${version}`)
    await promisify(execFile)('npm', ['install', ...flags, ...specs], { timeout: INSTALL_MS }).catch(() => undefined)
  }
  for (const [name, text] of Object.entries(ENTRIES)) await writeFile(join(FOLDER, name), text)
  const peers = new Set<PeerName>()
  for (const peer of Object.keys(PACKAGES) as PeerName[]) {
    if (await isThere(PACKAGES[peer])) peers.add(peer)
    else progress(`${peer} is absent from this run: its packages are not installed and the npm registry cannot be reached`)
  }
  return peers
}
