/** Numbers drawn from a seed, the same ones for the same seed (mulberry32, 32 bits of state: enough for a schedule, not for secrets). */
export type Draw = {
  /** In [0, 1). */
  unit(): number
  /** A whole number in [0, bound). */
  below(bound: number): number
  pick<T>(items: readonly [T, ...T[]]): T
}

export const drawFrom = (seed: number): Draw => {
  let state = seed >>> 0
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number): number => Math.floor(unit() * bound)
  return { unit, below, pick: (items) => items[below(items.length)] ?? items[0] }
}
