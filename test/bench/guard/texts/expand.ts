import { VOCABULARY } from './vocabulary.ts'

/** A number in [0, 1); the same seed gives the same row of numbers (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T

/** `{a|b|}` chooses one, `$word` takes one of the vocabulary, `#` is a digit, `§` the sign #; choices may hold choices. */
export function expand(template: string, random: () => number): string {
  let text = template
  for (let before = ''; before !== text;) {
    before = text
    text = text.replace(/\{([^{}]*\|[^{}]*)\}/g, (_, choices: string) => pick(random, choices.split('|')))
  }
  text = text.replace(/\$([a-z]+)/g, (all, name: string) => (VOCABULARY[name] ? pick(random, VOCABULARY[name]) : all))
  return text.replace(/#/g, () => String(Math.floor(random() * 10))).replaceAll('§', '#')
}
