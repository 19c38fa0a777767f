/** What is tried, by kind. */
import type { Attack } from './attack.ts'
import { EXPIRE } from './expire-attacks.ts'
import { FORGE } from './forge-attacks.ts'
import { MUTATE } from './mutate-attacks.ts'
import { REORDER } from './reorder-attacks.ts'
import { REPLAY } from './replay-attacks.ts'
import { STEAL } from './steal-attacks.ts'
import { SWAP_AGENT, SWAP_DIGEST, SWAP_POLICY } from './swap-attacks.ts'

export const KINDS = [
  'approve-then-mutate',
  'forge',
  'replay',
  'reorder',
  'expire',
  'swap-agent',
  'swap-policy',
  'swap-digest',
  'steal-capability',
] as const
export type Kind = (typeof KINDS)[number]

export const ATTACKS: Readonly<Record<Kind, readonly Attack[]>> = {
  'approve-then-mutate': MUTATE,
  forge: FORGE,
  replay: REPLAY,
  reorder: REORDER,
  expire: EXPIRE,
  'swap-agent': SWAP_AGENT,
  'swap-policy': SWAP_POLICY,
  'swap-digest': SWAP_DIGEST,
  'steal-capability': STEAL,
}
