/** Runs generated cases against the real runtime and `src/server`, and counts what ran that should not have. */
import { digestJson } from '../../src/base/digest.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { createRng } from '../../src/testing/rng.ts'
import type { Attack } from './attack.ts'
import { CONTROLS } from './controls.ts'
import { ATTACKS, KINDS, type Kind } from './kinds.ts'
import { openScene } from './scene.ts'
import { ACTIONS, createBackEnd } from './site.ts'

export type Tally = { cases: number; run: number; controls: number; failed: number }

export type Found = { readonly kind: Kind; readonly seed: string; readonly attack: number; readonly ran: number }

export type Hunted = { readonly byKind: Record<Kind, Tally>; readonly found: Found[] }

/** One control for so many cases of a kind, and always the first. */
const CONTROL_EVERY = 50

const POLICIES = { 'payment.transfer': [digestJson(ACTIONS['payment.transfer']?.lane as unknown as JsonObject)] }

/** How much more ran than the person themselves had made. `believes`: in a world where nobody asks for proof. */
export async function excess(attack: Attack, seed: string, believes = false): Promise<number> {
  const backEnd = await createBackEnd(POLICIES, believes)
  const scene = await openScene(backEnd, seed)
  const own = await attack(scene)
  // Whatever is left to run gets its chance.
  await scene.wake()
  return backEnd.ran.length - own
}

/** `count` cases, over all kinds and all their attacks in turn; the seed decides the rest. */
export async function hunt(count: number, seed: string): Promise<Hunted> {
  const byKind = Object.fromEntries(KINDS.map((kind) => [kind, { cases: 0, run: 0, controls: 0, failed: 0 }])) as Record<Kind, Tally>
  const found: Found[] = []
  const rng = createRng(seed)
  for (let i = 0; i < count; i++) {
    const kind = KINDS[i % KINDS.length] as Kind
    const tally = byKind[kind]
    const attacks = ATTACKS[kind]
    const attack = Math.floor(i / KINDS.length) % attacks.length
    const caseSeed = `${seed}/${i}/${rng.hex(4)}`
    if (tally.cases % CONTROL_EVERY === 0) {
      tally.controls++
      if ((await excess(CONTROLS[kind], caseSeed)) !== 0) tally.failed++
    }
    const ran = await excess(attacks[attack] as Attack, caseSeed)
    tally.cases++
    if (ran === 0) continue
    tally.run++
    found.push({ kind, seed: caseSeed, attack, ran })
  }
  return { byKind, found }
}
