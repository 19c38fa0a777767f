/** Runs generated cases against the real runtime and `src/server`, and counts what ran that should not have. */
import { digestJson } from '../../src/base/digest.ts'
import type { JsonObject } from '../../src/base/json.ts'
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
/** Cases under way at once. */
const AT_ONCE = 18
const LOG_EVERY = 900

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

/** `count` cases, over all kinds and all their attacks in turn; the seed decides the rest. `log` is told how far it is. */
export async function hunt(count: number, seed: string, log: (line: string) => void = () => undefined): Promise<Hunted> {
  const byKind = Object.fromEntries(KINDS.map((kind) => [kind, { cases: 0, run: 0, controls: 0, failed: 0 }])) as Record<Kind, Tally>
  const found: Found[] = []

  const one = async (i: number): Promise<void> => {
    const kind = KINDS[i % KINDS.length] as Kind
    const turn = Math.floor(i / KINDS.length)
    const attacks = ATTACKS[kind]
    const attack = turn % attacks.length
    const caseSeed = `${seed}/${i}`
    const tally = byKind[kind]
    if (turn % CONTROL_EVERY === 0) {
      const missed = await excess(CONTROLS[kind], caseSeed)
      tally.controls++
      if (missed !== 0) tally.failed++
    }
    const ran = await excess(attacks[attack] as Attack, caseSeed)
    tally.cases++
    if (ran === 0) return
    tally.run++
    found.push({ kind, seed: caseSeed, attack, ran })
  }

  // Each case waits for its own clock and keys: several at once share the processor better.
  for (let from = 0; from < count; from += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) => one(from + i)))
    if (from % LOG_EVERY < AT_ONCE) log(`${from} of ${count} in the runtime, ${found.length} ran`)
  }
  return { byKind, found }
}
