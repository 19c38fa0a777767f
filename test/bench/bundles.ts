/** What the benchmark serves: path → entry. Every side has a folder, and so a worker scope, of its own; one worker may stand in several. */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildBundle } from '../fitness/bundle-report.ts'
import { ROOT } from '../fitness/source-files.ts'
import { peerEntry, type PeerName } from './peer-packages.ts'

const own = (entry: URL): string => relative(ROOT, fileURLToPath(entry))

const OURS = {
  [own(new URL('./ours/page.ts', import.meta.url))]: ['/ours/page.js', '/ours-held/page.js', '/ours-server/page.js', '/ours-held-server/page.js'],
  [own(new URL('./ours/worker.ts', import.meta.url))]: ['/ours/sw.js', '/ours-held/sw.js', '/ours-server/sw.js', '/ours-held-server/sw.js'],
  [own(new URL('./ours/kill-worker.ts', import.meta.url))]: ['/ours-kill/sw.js'],
  [own(new URL('./ours/kill-page.ts', import.meta.url))]: ['/ours-kill/page.js'],
  [own(new URL('./ours/decision-worker.ts', import.meta.url))]: ['/decision/sw.js'],
  [own(new URL('./ours/decision-page.ts', import.meta.url))]: ['/decision/page.js'],
  [own(new URL('./pages/cold.ts', import.meta.url))]: ['/ours/cold.js', '/minimal/cold.js', '/workbox/cold.js', '/serwist/cold.js'],
  [own(new URL('./peers/page.ts', import.meta.url))]: [
    '/workbox/page.js',
    '/workbox-faults/page.js',
    '/serwist/page.js',
    '/serwist-faults/page.js',
    '/bare/page.js',
  ],
  [own(new URL('./peers/workbox-worker.ts', import.meta.url))]: ['/workbox/sw.js', '/workbox-faults/sw.js'],
  [own(new URL('./peers/bare-worker.ts', import.meta.url))]: ['/bare/sw.js'],
  [own(new URL('./peers/minimal-worker.ts', import.meta.url))]: ['/minimal/sw.js'],
  [own(new URL('./peers/raw-page.ts', import.meta.url))]: ['/raw/page.js'],
}

const FETCHED: Readonly<Record<PeerName, Readonly<Record<string, readonly string[]>>>> = {
  serwist: { [peerEntry('serwist-worker.ts')]: ['/serwist/sw.js', '/serwist-faults/sw.js'] },
  tanstack: { [peerEntry('tanstack-page.ts')]: ['/tanstack/page.js', '/tanstack-faults/page.js'] },
}

/** Builds all as an app would; gives the text of every script by its path. */
export const buildScripts = async (peers: ReadonlySet<PeerName>): Promise<ReadonlyMap<string, string>> => {
  const entries: Readonly<Record<string, readonly string[]>> = Object.assign({}, OURS, ...[...peers].map((peer) => FETCHED[peer]))
  const texts = new Map<string, string>()
  for (const [entry, paths] of Object.entries(entries)) {
    const { text } = await buildBundle(entry)
    for (const path of paths) texts.set(path, text)
  }
  return texts
}
