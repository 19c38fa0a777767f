import type { Held } from './leave-out.ts'

/** Benign texts made of an attack's own words. */
export const isHard = ({ source, kind, label }: Held): boolean => label === 0 && (source === 'own/hard' || kind.includes('hard'))
export const isPlain = (held: Held): boolean => held.label === 0 && !isHard(held)

const below = (held: readonly Held[], threshold: number): number => held.filter(({ score }) => score < threshold).length / held.length

/** The lowest threshold, in steps of a hundredth, at which enough of the hard and of the plain benign texts stay below it. */
export function chooseThreshold(held: readonly Held[], hard: number, plain: number): number {
  for (let step = 30; step < 100; step++)
    if (below(held.filter(isHard), step / 100) >= hard && below(held.filter(isPlain), step / 100) >= plain) return step / 100
  return 0.99
}
