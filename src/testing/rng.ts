/** A seeded random source (sfc32 over a 128-bit mix of the seed): the only randomness a simulated world has. */
export type Rng = {
  /** Uniform in [0, 1). */
  unit(): number
  /** A whole number from 0 up to, and without, `below`. */
  int(below: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** `count` bytes as hex. */
  hex(count: number): string
}

/** 128 bits from text; good mixing, no secrecy. */
export function mix128(text: string): readonly [number, number, number, number] {
  let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762]
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i)
    a = b ^ Math.imul(a ^ k, 597399067)
    b = c ^ Math.imul(b ^ k, 2869860233)
    c = d ^ Math.imul(c ^ k, 951274213)
    d = a ^ Math.imul(d ^ k, 2716044179)
  }
  a = Math.imul(c ^ (a >>> 18), 597399067)
  b = Math.imul(d ^ (b >>> 22), 2869860233)
  c = Math.imul(a ^ (c >>> 17), 951274213)
  d = Math.imul(b ^ (d >>> 19), 2716044179)
  return [(a ^ b ^ c ^ d) >>> 0, b >>> 0, c >>> 0, d >>> 0]
}

/** A stream of 32-bit words that depends on every bit of the seed. */
export function words(seed: string): () => number {
  let [a, b, c, d] = mix128(seed)
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) next()
  return next
}

export function createRng(seed: string): Rng {
  const next = words(seed)
  const unit = (): number => next() / 2 ** 32
  const int = (below: number): number => Math.floor(unit() * below)
  return {
    unit,
    int,
    chance: (probability) => unit() < probability,
    pick: <T>(items: readonly T[]): T => items[int(items.length)] as T,
    hex: (count) => {
      let text = ''
      while (text.length < count * 2) text += next().toString(16).padStart(8, '0')
      return text.slice(0, count * 2)
    },
  }
}
