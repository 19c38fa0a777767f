import type { Known } from './known.ts'
import { isTextSaid, wholePlaces } from './said.ts'
import { lower, TEXT_CHARS_MAX, wordsOf } from './text.ts'

/** Links, addresses, account and card numbers: what a reader could act upon. */
const ACTIONABLE =
  /(?:(?<![a-z+.-])[a-z][a-z+.-]{1,20}:\/\/|www\.)[^\s)>\]'"”’]+|(?<![\p{L}\p{N}.+_-])[\p{L}\p{N}.+_-]{1,100}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+|(?<![\p{L}\p{N}@./-])(?:[\p{L}\p{N}-]+\.)+(?:com|net|org|io|app|dev|info|biz|xyz|online|site|link|ly|to|me|co|ru|cn|de|uk|eu|fr|es|it|nl|pl|ch|example|test)(?:\/[^\s)>\]'"”’]*)?(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])\p{L}{2}\d{2}(?: ?[\p{L}\p{N}]{4}){2,7}(?: ?[\p{L}\p{N}]{1,4})?(?![\p{L}\p{N}])|(?<!\p{N})\+?\d(?:[ ()./-]?\d){9,}(?!\p{N})/giu

/** The first thing to act upon in a content that neither the user said nor a trusted output told. */
export function strangersLink(content: string, known: Known): string | null {
  for (const [match] of content.matchAll(ACTIONABLE)) {
    const value = match.replace(/[.,;:!?]+$/, '')
    const isTrusted = known.texts.some(({ untrusted, low }) => !untrusted && wholePlaces(low, lower(value)).length > 0)
    const isListed = Object.values(known.session.directories ?? {}).some((entries) => entries.some((entry) => lower(entry) === lower(value)))
    if (!isTextSaid(known.said, value, []) && !isTrusted && !isListed) return value
  }
  return null
}

/** Codes that identify or open something: six digits and more in one word. Dates, times and sums of money are none. */
const CODE = /(?<![\p{L}\p{N}@./-])[\p{L}\p{N}]+(?:[ -]?[\p{L}\p{N}]*\p{N}[\p{L}\p{N}]*)*(?![\p{L}\p{N}])/gu
const DATE = /\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}/g

/** The first code in a content that the user did not say; wherever it comes from, it is more than a summary. */
export function unsaidCode(content: string, { said }: Known): string | null {
  const codes = content.replace(DATE, ' ').matchAll(CODE)
  for (const [code] of codes) if (code.replace(/\P{N}/gu, '').length >= 6 && !isTextSaid(said, code, [])) return code
  return null
}

/** Words of one content that are compared one by one with what strangers wrote. */
const WORDS_MAX = 4_000

const runsOf = function* (words: readonly string[], length: number): Generator<string> {
  for (let at = 0; at + length <= words.length; at += 1) yield words.slice(at, at + length).join(' ')
}

/** Which of these runs of words stand in one of the texts. Reads each text once. */
function standing(wanted: ReadonlySet<string>, length: number, texts: Iterable<readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>()
  const firsts = new Set([...wanted].map((run) => run.split(' ', 1)[0]))
  for (const words of texts)
    for (let at = 0; at + length <= words.length; at += 1) {
      if (!firsts.has(words[at])) continue
      const run = words.slice(at, at + length).join(' ')
      if (wanted.has(run)) found.add(run)
    }
  return found
}

/** The user's words, and those of trusted outputs. */
const trustedWords = ({ said, texts }: Known): readonly (readonly string[])[] => [
  wordsOf(said.low),
  ...texts.filter(({ untrusted }) => !untrusted).map(({ words }) => words),
]

function strangersOnly(content: readonly string[], length: number, theirs: Iterable<readonly string[]>, known: Known): string | null {
  const wanted = new Set(runsOf(content.slice(0, WORDS_MAX), length))
  const found = standing(wanted, length, theirs)
  if (found.size === 0) return null
  const also = standing(found, length, trustedWords(known))
  return [...wanted].find((run) => found.has(run) && !also.has(run)) ?? null
}

/** A run of so many words that a stranger wrote, and neither the user nor a trusted output. */
export const strangersRun = (content: string, length: number, known: Known): string | null =>
  strangersOnly(
    wordsOf(content),
    length,
    known.texts.filter(({ untrusted }) => untrusted).map(({ words }) => words),
    known,
  )

/** Nobody put together what stands on two sides of a line, a quotation mark or the end of a sentence. */
const partsOf = (text: string): readonly (readonly string[])[] => text.split(/[\n\r"“”«»:;,!?()[\]{}|]|\.\s|'(?!\p{L})|(?<!\p{L})'|\\n/u).map(wordsOf)

/** Whether a text is made of nothing but the user's and trusted words, and no stranger put them together. */
export function isComposed(content: string, known: Known): boolean {
  const words = wordsOf(content)
  if (words.length === 0 || words.length > WORDS_MAX) return words.length === 0
  const trusted = new Set(trustedWords(known).flat())
  if (!words.every((word) => trusted.has(word))) return false
  const theirs = known.texts.filter(({ untrusted }) => untrusted).flatMap(({ seen }) => partsOf(seen.text.slice(0, TEXT_CHARS_MAX)))
  return strangersOnly(words, Math.min(3, words.length), theirs, known) === null
}

/** Whether a text of some length is, from the first word to the last, one piece of what a stranger wrote. */
export function isDictated(content: string, known: Known): boolean {
  const words = wordsOf(content)
  const whole = ` ${words.join(' ')} `
  return words.length > 2 && known.texts.some(({ untrusted, words: theirs }) => untrusted && ` ${theirs.join(' ')} `.includes(whole))
}
