import { decodedCharsMax, decodedMax, textCharsMax } from './bounds.ts'
import { unmask } from './look-alikes.ts'
import { openBase64, openEntities, openEscapes } from './open-encoded.ts'

/** What was done to make a text readable; each is a sign of its own that something was to be hidden. */
export const DISGUISES = ['invisible', 'tagged', 'bidi', 'entity', 'escape', 'base64', 'look-alike', 'spaced', 'wide'] as const
export type Disguise = (typeof DISGUISES)[number]

export type Normal = {
  /** The text as a reader would understand it, lower case, and each passage that was opened from an encoding. */
  readonly texts: readonly string[]
  readonly disguises: readonly Disguise[]
}

const TAG_LETTERS = /[\u{e0020}-\u{e007e}]+/gu
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
/** A joiner between two letters of an Indic or Arabic script, or two emoji, belongs to the spelling; it is taken out all the same, but not held against the text. */
const SPELLING =
  /(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Extended_Pictographic}\p{M}])[\u200c\u200d]|(?<=\p{Extended_Pictographic})\ufe0f/gu
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu
const CONTROL = /(?![\t\n\r])\p{Cc}/gu
const SPACED = /(?<![\p{L}\p{N}])(?:\p{L}[ .\-_*|/]{1,2}){4,40}\p{L}(?![\p{L}\p{N}])/gu

const within = (text: string, max: number): string => (text.length <= max ? text : text.slice(0, max / 2) + '\n' + text.slice(-max / 2))

/** Latin letters without their accents; the signs of other scripts are part of their letters. */
const bare = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/(?<=[a-z])[\u0300-\u036f]+/g, '')
    .normalize('NFC')

const nothing = (): string => ''

function plain(raw: string, found: Set<Disguise>): string {
  const step = (text: string, pattern: RegExp, by: (part: string) => string, name: Disguise | null): string => {
    const next = text.replace(pattern, by)
    if (name !== null && next !== text) found.add(name)
    return next
  }
  const untag = (part: string): string => ` ${Array.from(part, (letter) => String.fromCharCode((letter.codePointAt(0) ?? 0) - 0xe0000)).join('')} `
  let text = step(raw, TAG_LETTERS, untag, 'tagged')
  text = step(text, SPELLING, nothing, null)
  text = step(text, BIDI, nothing, 'bidi')
  text = step(text, INVISIBLE, nothing, 'invisible')
  text = step(text, CONTROL, () => ' ', null)
  const composed = text.normalize('NFKC')
  if (/[\uff01-\uff5e\u{1d400}-\u{1d7ff}\u24b6-\u24e9]/u.test(text)) found.add('wide')
  const accented = bare(within(composed, textCharsMax).toLowerCase())
  const unmasked = unmask(accented)
  if (unmasked !== accented) found.add('look-alike')
  return step(unmasked, SPACED, (part) => part.replace(/[ .\-_*|/]/g, ''), 'spaced')
}

/** Undoes what hides a text from a reader or a matcher. Total, bounded, the same for the same text. */
export function normalise(raw: string): Normal {
  const found = new Set<Disguise>()
  const cut = within(raw, textCharsMax)
  const escaped = openEscapes(cut)
  if (escaped !== cut) found.add('escape')
  const opened = openEntities(escaped)
  if (opened !== escaped) found.add('entity')
  const texts = [within(plain(opened, found), textCharsMax)]
  let left = decodedCharsMax
  for (const passage of openBase64(cut, decodedMax)) {
    if (left <= 0) break
    found.add('base64')
    const text = plain(passage.slice(0, left), found)
    left -= passage.length
    texts.push(text)
  }
  return { texts, disguises: DISGUISES.filter((name) => found.has(name)) }
}
