import { buildBundle, BUNDLES } from '../fitness/bundle-report.ts'
import type { Figures, Measure } from './figures.ts'
import { peerEntry, type PeerName } from './peer-packages.ts'

const WORKBOX_QUEUE = 'node_modules/workbox-background-sync/Queue.js'

/** P5: JavaScript after gzip, each bundle alone, in bytes. */
export const measureSizes = async (peers: ReadonlySet<PeerName>): Promise<Measure> => {
  const sizes: Record<string, number> = {}
  let met = true
  for (const { name, entry, later, budgetKb } of BUNDLES) {
    const { bytes } = await buildBundle(entry, later)
    sizes[`${name}_gzip_bytes`] = bytes
    met &&= bytes <= budgetKb * 1_000
  }
  const others: Record<string, Figures> = { workbox: { queue_gzip_bytes: (await buildBundle(WORKBOX_QUEUE)).bytes } }
  if (peers.has('serwist')) others['serwist'] = { queue_gzip_bytes: (await buildBundle(peerEntry('serwist-size.ts'))).bytes }
  if (peers.has('tanstack')) others['tanstack'] = { offline_with_db_gzip_bytes: (await buildBundle(peerEntry('tanstack-size.ts'))).bytes }
  return { ours: sizes, peers: others, must: BUNDLES.map(({ name, budgetKb }) => `${name} ≤ ${budgetKb} KB`).join('; '), met }
}
