import { buildBundle, BUNDLES } from '../fitness/bundle-report.ts'
import type { Measure } from './figures.ts'

const WORKBOX_QUEUE = 'node_modules/workbox-background-sync/Queue.js'

/** P5: JavaScript after gzip, each bundle alone, in bytes. */
export const measureSizes = async (): Promise<Measure> => {
  const sizes: Record<string, number> = {}
  let met = true
  for (const { name, entry, budgetKb } of BUNDLES) {
    const { bytes } = await buildBundle(entry)
    sizes[`${name}_gzip_bytes`] = bytes
    met &&= bytes <= budgetKb * 1_000
  }
  return {
    ours: sizes,
    peers: { workbox: { queue_gzip_bytes: (await buildBundle(WORKBOX_QUEUE)).bytes } },
    must: BUNDLES.map(({ name, budgetKb }) => `${name} ≤ ${budgetKb} KB`).join('; '),
    met,
  }
}
