import type { BrowserContext, Page } from 'playwright-core'
import { openPage } from './open-page.ts'
import type { Setting } from './setting.ts'

/** In the order in which they take their turns. */
export const SIDES = [
  'ours_single',
  'raw_parallel',
  'ours_batch',
  'raw_batch',
  'ours_single_with_ledger',
  'ours_batch_with_ledger',
  'workbox',
  'serwist',
  'tanstack',
] as const
export type Side = (typeof SIDES)[number]

const folderOf = (side: Side): string =>
  side.endsWith('_with_ledger') ? 'ours-held-server' : side.startsWith('ours') ? 'ours-held' : side.startsWith('raw') ? 'raw' : side

/** The far end's lane that the side's own declaration names. */
export const laneOf = (side: Side): string => side.replace('_with_ledger', '').replaceAll('_', '-')

/** The sides that are there, each with its page; a server's ledger has an origin and a signed-in person of its own. */
export const openSides = async ({ site, peers }: Setting, context: BrowserContext, hasLedger: boolean): Promise<ReadonlyMap<Side, Page>> => {
  const opened = new Map<string, Page>()
  const sides = new Map<Side, Page>()
  for (const side of SIDES) {
    if ((side === 'serwist' || side === 'tanstack') && !peers.has(side)) continue
    const folder = folderOf(side)
    const isLedger = folder === 'ours-held-server'
    if (isLedger && !hasLedger) continue
    const page = opened.get(folder) ?? (await openPage(context, `${isLedger ? await site.another() : site.origin}/${folder}/page`, 'queue'))
    if (isLedger && !opened.has(folder)) {
      const refused = await page.evaluate<unknown>(`client.signIn({ email: 'demo@example.com', password: 'demo' })`)
      if (refused !== null) throw new Error(`sign-in was refused: ${JSON.stringify(refused)}`)
    }
    opened.set(folder, page)
    sides.set(side, page)
  }
  return sides
}
