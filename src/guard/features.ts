import { conceptsOf } from './concepts.ts'
import { unleet } from './look-alikes.ts'
import type { Disguise } from './normalise.ts'

/** How many places the hash table of the weights has. */
export const BUCKETS = 32_768

/** One window as the model sees it: places in the table and the value at each, in no order that matters. */
export type Features = { readonly index: Int32Array; readonly value: Float32Array }

const SIGNS: readonly (readonly [string, RegExp])[] = [
  ['link', /https?:\/\/|www\./],
  ['address', /[\w.+-]+@[\w-]+\.\w/],
  ['number', /[a-z]{0,2}\d{9}/],
  ['tag', /<\/?[a-z!][^<>]{0,80}>/],
  ['shout', /<\/?(?:important|information|system|instructions?|admin|user|assistant|prompt|secret|s|inst)\b[^<>]{0,20}>/],
  ['comment', /<!--|display: ?none|font-size: ?0|color: ?(?:white|#fff)/],
  ['turn', /(?:^|\n)\W{0,6}(?:system|assistant|user|human|ai|bot|admin|sudo)\s?\W{0,3}:/],
  ['template', /<\|[a-z_]{2,20}\|>|\[\/?inst\]|<<\/?sys>>|\(system_message\)|#{2,}\s?(?:system|instruction|response|end|new|task|input|human)/],
  ['fence', /```|"""|'''/],
  ['rule', /[-=*#_~]{5,}/],
  ['braces', /\{\{?[^{}]{1,60}\}\}?/],
  ['code', /\b(?:import|def|function|require|exec|eval|subprocess|requests\.post|socket|curl|fetch)\b.{0,20}[(.'"]/],
  ['record', /(?:^|\n|[{,])\s*-?\s*['"]?\w+['"]?: /],
  ['question', /[?？؟]\s*$/],
  ['todo', /(?:^|\n)\W{0,4}todo\b/],
  ['repeat', /(\b\S{2,20}\b)(?:\s+\1){4}/],
  ['quoted', /["'“‘«「][^"'”’»」]{12,}["'”’»」]/],
  ['list', /(?:^|\n)\s*(?:\d+[.)]|[-*•])\s/],
]

const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['latin', /[a-z]{3}/],
  ['cyrillic', /\p{Script=Cyrillic}{3}/u],
  ['arabic', /\p{Script=Arabic}{3}/u],
  ['indic', /[\p{Script=Devanagari}\p{Script=Bengali}]{3}/u],
  ['east', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]{2}/u],
  ['thai', /\p{Script=Thai}{3}/u],
]

const hash = (text: string, seed: number, from = 0, to = text.length): number => {
  let h = seed
  for (let i = from; i < to; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h ^= h >>> 15
  h = Math.imul(h, 0x2c1b3c6d)
  h ^= h >>> 13
  return (h >>> 0) % BUCKETS
}

const WORD = /[\p{L}\p{M}\p{N}@$]+(?:['’-]\p{L}[\p{L}\p{M}]*)*/gu
const WORDS_SEED = 0x811c9dc5
const LETTERS_SEED = 0x9747b28c
const CONCEPT_SEED = 0x3c6ef372
/** How far apart two concepts may stand and still be taken together, in words. */
const REACH = 7
/** The three groups are scaled one by one, so that a few concepts are not lost among hundreds of letters. */
const SCALE = { words: 0.7, letters: 0.5, concepts: 3 } as const

function wordGroup(words: readonly string[]): Set<number> {
  const group = new Set<number>()
  for (const [i, raw] of words.entries()) {
    const word = /\d/.test(raw) ? raw.replace(/\d+/g, '0') : raw
    group.add(hash(word, WORDS_SEED))
    const next = words[i + 1]
    if (next !== undefined) group.add(hash(`${word} ${next}`, WORDS_SEED))
    const third = words[i + 2]
    if (third !== undefined) group.add(hash(`${word} _ ${third}`, WORDS_SEED))
  }
  return group
}

function letterGroup(text: string): Set<number> {
  const group = new Set<number>()
  const line = ` ${text.replace(/\d/g, '0').replace(/\s+/g, ' ')} `
  for (let i = 0; i + 4 <= line.length; i++) group.add(hash(line, LETTERS_SEED, i, i + 4))
  return group
}

function conceptGroup(text: string, words: readonly string[], disguises: readonly Disguise[]): Set<number> {
  const group = new Set<number>()
  const add = (name: string): void => void group.add(hash(name, CONCEPT_SEED))
  const found = conceptsOf(words)
  for (const [i, concept] of found.entries()) {
    if (concept === null) continue
    add(concept)
    if (i === 0) add(`first ${concept}`)
    const near = found.slice(i + 1, i + 1 + REACH).filter((other) => other !== null)
    for (const other of near) add(`${concept} ${other}`)
    if (near.length > 1) add(`${concept} ${near[0]} ${near[1]}`)
  }
  const signs = SIGNS.filter(([, pattern]) => pattern.test(text)).map(([name]) => name)
  for (const name of signs) add(`sign ${name}`)
  for (const name of disguises) add(`disguise ${name}`)
  const present = new Set(found)
  for (const sign of signs) for (const concept of present) if (concept !== null) add(`sign ${sign} ${concept}`)
  const scripts = SCRIPTS.filter(([, pattern]) => pattern.test(text)).map(([name]) => name)
  add(`scripts ${Math.min(3, scripts.length)}`)
  add(`length ${Math.floor(Math.log2(text.length + 1))}`)
  return group
}

/** The hashed words, letters and concepts of one normalised window. The same window always gives the same features. */
export function featuresOf(text: string, disguises: readonly Disguise[]): Features {
  const words = Array.from(text.matchAll(WORD), ([word]) => unleet(word))
  const groups = [
    [wordGroup(words), SCALE.words],
    [letterGroup(text), SCALE.letters],
    [conceptGroup(text, words, disguises), SCALE.concepts],
  ] as const
  const at = new Map<number, number>()
  for (const [group, scale] of groups) {
    const value = scale / Math.sqrt(Math.max(4, group.size))
    for (const index of group) at.set(index, (at.get(index) ?? 0) + value)
  }
  return { index: Int32Array.from(at.keys()), value: Float32Array.from(at.values()) }
}
