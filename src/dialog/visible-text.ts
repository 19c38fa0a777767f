import { latinTwin } from './look-alikes.ts'

/** A stretch of text as it may be displayed, and what a reader would otherwise miss about it. */
export type Segment = {
  /** Safe to display; empty when the characters themselves cannot be seen or would reorder their neighbours. */
  readonly text: string
  /** Shown in brackets behind the text: "U+202E right-to-left override", "Cyrillic U+0430, looks like a". */
  readonly note?: string
}

type Finder = (match: RegExpMatchArray) => Segment | null

/** Names of the invisible characters that attacks use most. */
const NAMES: Readonly<Record<string, string>> = {
  '00A0': 'no-break space',
  '00AD': 'soft hyphen',
  '061C': 'right-to-left mark',
  '200B': 'zero-width space',
  '200C': 'zero-width non-joiner',
  '200D': 'zero-width joiner',
  '200E': 'left-to-right mark',
  '200F': 'right-to-left mark',
  '202A': 'left-to-right embedding',
  '202B': 'right-to-left embedding',
  '202C': 'end of direction change',
  '202D': 'left-to-right override',
  '202E': 'right-to-left override',
  '2060': 'word joiner',
  '2066': 'left-to-right isolate',
  '2067': 'right-to-left isolate',
  '2069': 'end of isolate',
  FEFF: 'byte order mark',
}

/**
 * What cannot be seen. Lawful and left alone: emoji sequences, and joiners between letters of scripts that need them (Persian, Indic).
 * Groups: lawful, hidden letters, one invisible character (runs of one count as one).
 */
const UNSEEN =
  /([\d#*]\uFE0F?\u20E3|\p{ExtPict}[\uFE0F\p{EMod}]?(?:\u200D\p{ExtPict}[\uFE0F\p{EMod}]?)*|(?<=[\p{sc=Arab}\p{sc=Deva}\p{sc=Beng}\p{sc=Sinh}\p{sc=Mlym}\p{M}])[\u200C\u200D](?=[\p{sc=Arab}\p{sc=Deva}\p{sc=Beng}\p{sc=Sinh}\p{sc=Mlym}]))|([\u{E0020}-\u{E007E}]+)|(?!\r\n|[ \n\u3000])([\p{C}\p{Z}\p{DI}\u2800])\3*|\p{M}{4,}|[\u0334-\u0338\u20D0-\u20F0]+|(?<=[\p{N}\p{P}\p{S}])\p{M}+/gu
/** More of the same than a person reads: groups are spaces, line breaks, anything else. */
const PADDING = /( {8,})|((?:\r?\n[ \t]*){4,})|([^\s\p{C}\p{DI}\p{M}\u2800])\3{40,}/gu
/** A line break where a value should have but one line. */
const BREAK = /\r?\n/g

/** Letters and marks that stand for ASCII wherever they are: styled, circled, squared, Roman numerals, slash- and dot-like marks. */
const STYLED =
  /[\u{1D400}-\u{1D7FF}\u{1F110}-\u{1F16B}\u{1F170}-\u{1F189}\u2102\u210A-\u2113\u2115\u2119-\u211D\u2124\u212F-\u2134\u2160-\u217F\u249C-\u24E9\u2024\u2044\u2215\u29F8\uA789]+/gu
/** Normal among Chinese, Japanese and Korean letters, a disguise elsewhere. */
const WIDE = /[\uFF01-\uFF5E\u3002\uFF61]+/gu
const CJK = /[\p{sc=Hani}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Bopo}]/u
/** Symbols that pass for letters, digits or signs when they touch them. */
const SYMBOLS =
  /(?<=[\p{L}\p{N}])(?:[\u2795\u2796\u2B55\u274C\u2716\u25CB\u25CF\u25EF\u3007]\uFE0F?)+|[\u2795\u2796\u2B55\u25CB\u25CF\u25EF\u3007]\uFE0F?(?=[\p{L}\p{N}])|[\d#*]\uFE0F?\u20E3(?=[\p{L}\p{N}])|(?<=[\p{L}\p{N}])[\d#*]\uFE0F?\u20E3/gu
/** In an address only: dashes and marks that are not the ASCII ones, small dots under or over letters, and capitals or digits posing as small letters. */
const IN_ADDRESS =
  /[\u2010-\u2015\u2212\uFE58\uFE63\u02D0\u2236\uFE55\u0589\u05C3\u06D4\u2039\u203A\u02BC\u2019\u0131\u1EA0-\u1EF9]|[a-z][\u0307\u0323-\u0325\u0331]|(?<=\p{Ll})I(?![A-Z])|(?<=\p{L})[01]+(?=\p{L})|xn--/gu
/** Numbers in which a letter stands for a digit. */
const NUMBER = /^(?=.*\d.*\d)[A-Z]{0,2}[\dOoIl.,\-/]+$/
const IN_NUMBER = /(?<=\d)[OoIl]+|[OoIl]+(?=\d)/g
const FOREIGN_DIGITS = /(?![0-9\u{1D7CE}-\u{1D7FF}\uFF10-\uFF19])\p{Nd}+/gu

/** Scripts named in a note; the rest is "foreign". */
const SCRIPTS = [
  'Cyrillic',
  'Greek',
  'Armenian',
  'Cherokee',
  'Coptic',
  'Lisu',
  'Georgian',
  'Hebrew',
  'Arabic',
  'Thai',
  'Devanagari',
  'Latin',
] as const
const ARE = SCRIPTS.map((name) => [name, new RegExp(`\\p{sc=${name}}`, 'u')] as const)
const LATIN = /\p{sc=Latn}/u
/** Letters of scripts that are not at home beside Latin ones. */
const FOREIGN = /(?:(?![\p{sc=Latn}\p{sc=Zyyy}\p{sc=Zinh}\p{sc=Hani}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Bopo}])[\p{L}\p{M}])+/gu
const SMALL_CAPS = /[\u0251\u0261\u0262\u0269\u026A\u0274\u0280\u0299\u029C\u029F\u1D00-\u1D2B\uA731]+/gu

/** Tokens judged whole, because a letter in one label of a host name deceives about all of it; other tokens word by word. */
const ADDRESS = /[@/\u2044\u2215\uFF0F\uFF20]|[\p{L}\p{M}][.\u2024\u3002\uFF0E]\p{L}/u
const WORDS = /[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+/gu

const hex = (text: string): string => (text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
const lengthOf = (text: string): number => [...text].length
/** A note stays short, however long the word is. */
const short = (text: string): string => (text.length > 24 ? `${text.slice(0, 24)}…` : text)
const times = (count: number): string => (count > 1 ? ` ×${count}` : '')

/** Neighbours without a note become one. */
const join = (segments: readonly Segment[]): Segment[] => {
  const out: Segment[] = []
  for (const segment of segments) {
    const last = out.at(-1)
    if (last !== undefined && last.note === undefined && segment.note === undefined) out[out.length - 1] = { text: last.text + segment.text }
    else out.push(segment)
  }
  return out
}

/** Splits a text where `pattern` stands: notes what it matches, hands the rest on. A note of `null` leaves the match as it is. */
const split = (text: string, pattern: RegExp, found: Finder, rest: (text: string) => Segment[]): Segment[] => {
  // Most texts are innocent, and `matchAll` copies the pattern each time.
  if (text.search(pattern) < 0) return text === '' ? [] : rest(text)
  const parts: Segment[][] = []
  let from = 0
  for (const match of text.matchAll(pattern)) {
    const segment = found(match)
    if (segment === null) continue
    if (match.index > from) parts.push(rest(text.slice(from, match.index)))
    parts.push([segment])
    from = match.index + match[0].length
  }
  if (from < text.length) parts.push(rest(text.slice(from)))
  // Not by spreading: a hostile text has more segments than a call takes arguments.
  return parts.flat()
}

const asIs = (text: string): Segment[] => (text === '' ? [] : [{ text }])

const scriptOf = (text: string): string => ARE.find(([, is]) => is.test(text))?.[0] ?? 'foreign'

const foreign: Finder = ([text]) => {
  const twins = [...text].map((letter) => latinTwin(letter) ?? letter).join('')
  const what = lengthOf(text) === 1 ? `U+${hex(text)}` : 'letters'
  return { text, note: `${scriptOf(text)} ${what}${twins === text ? '' : `, looks like ${short(twins)}`}` }
}

const styled: Finder = ([text]) => {
  const plain = text.normalize('NFKC')
  return { text, note: `not plain${plain === text ? '' : ` "${short(plain)}"`}, U+${hex(text)}` }
}

const symbol: Finder = ([text]) => ({ text, note: `symbol U+${hex(text)}` })
const poseName = (text: string): string => {
  if (text === 'I') return 'capital i'
  if (text === 'xn--') return 'a coded name'
  if (/^\d+$/.test(text)) return `digit ${text}`
  if (/^[a-z]+$/i.test(text)) return `letter ${text}`
  return /^[a-z]/.test(text) ? `with a mark, U+${hex(text.slice(1))}` : `not plain, U+${hex(text)}`
}
const pose: Finder = ([text]) => ({ text, note: poseName(text) })
const digits: Finder = ([text]) => ({ text, note: `digits of another script, U+${hex(text)}` })

/** A chain of searches: each sees what the ones before it left. */
const chain =
  (...steps: readonly (readonly [RegExp, Finder])[]) =>
  (text: string): Segment[] => {
    const [first, ...others] = steps
    return first === undefined ? asIs(text) : split(text, first[0], first[1], chain(...others))
  }

/** Letters that read as Latin although none of them is: no letter gives the script away. */
const isTwin = (word: string): boolean => {
  const letters = word.match(/\p{L}/gu) ?? []
  return letters.length > 0 && lengthOf(word) > 2 && letters.every((letter) => latinTwin(letter) !== undefined)
}

/** What a word stands among: found out once for a whole text. */
type Around = {
  readonly cjk: boolean
  /** There is Latin text, or nothing gives another script away: a foreign word of twins is then taken for Latin. */
  readonly latin: boolean
  /** Text of another script only: digits of that script are at home. */
  readonly own: boolean
}

const around = (text: string): Around => {
  const latin = LATIN.test(text)
  return { cjk: CJK.test(text), latin: latin || isTwin(text.replaceAll(/\P{L}/gu, '')), own: !latin && /\p{L}/u.test(text) }
}

const judge = (word: string, { cjk, latin, own }: Around): Segment[] => {
  const address = ADDRESS.test(word)
  const scripts = new Set((word.match(FOREIGN) ?? []).map(scriptOf))
  const odd = scripts.size > 1 || (scripts.size === 1 && (LATIN.test(word) || ((address || latin) && isTwin(word))))
  return chain(
    [STYLED, styled],
    [SYMBOLS, symbol],
    ...(cjk && !/[a-z][\u3002\uFF0E\uFF0F\uFF20]/i.test(word) ? [] : [[WIDE, styled] as const]),
    [SMALL_CAPS, foreign],
    ...(odd ? [[FOREIGN, foreign] as const] : []),
    ...(own ? [] : [[FOREIGN_DIGITS, digits] as const]),
    ...(address ? [[IN_ADDRESS, pose] as const] : []),
    ...(NUMBER.test(word) && /[OoIl]/.test(word) ? [[IN_NUMBER, pose] as const] : []),
  )(word)
}

const unseen: Finder = ([run, lawful, tags, one]) => {
  if (lawful !== undefined) return null
  const count = lengthOf(run)
  if (tags !== undefined) return { text: '', note: `${count} hidden letters` }
  if (one === undefined) return { text: '', note: count > 1 ? `${count} combining marks` : `combining mark U+${hex(run)}` }
  return { text: '', note: `U+${hex(one)} ${NAMES[hex(one)] ?? 'invisible character'}${times(run.length / one.length)}` }
}

const padding: Finder = ([run, spaces, lines, one]) => {
  if (spaces !== undefined) return { text: ' ', note: `${spaces.length} spaces` }
  if (lines !== undefined) return { text: '\n', note: `${lines.split('\n').length - 1} line breaks` }
  return { text: (one ?? '').repeat(3), note: `the same character ×${run.length / (one ?? ' ').length}` }
}

/**
 * Makes visible what deceives the eye: invisible and direction-changing characters, letters of another script inside Latin words, styled
 * twins of ASCII, symbols posing as letters, piles of marks, padding. Never drops a visible character unsaid. Pure; any string, also
 * ill-formed UTF-16. `oneLine`: the value should have one line and no pictures, so these are noted too.
 */
export const visibleText = (text: string, oneLine = false): Segment[] => {
  const among = around(text)
  const words = (part: string): Segment[] =>
    (part.match(/\s+|\S+/g) ?? []).flatMap((token) => {
      const whole = ADDRESS.test(token) || NUMBER.test(token)
      if (!whole && /^[\s!-~]*$/.test(token)) return [{ text: token }]
      return (whole || token.search(SYMBOLS) >= 0 ? [token] : (token.match(WORDS) ?? [])).flatMap((word) => judge(word, among))
    })
  const pictures = chain([/(?:\p{Emoji_Presentation}|\p{ExtPict}\uFE0F)+/gu, symbol])
  const strict = (part: string): Segment[] =>
    split(
      part,
      BREAK,
      () => ({ text: '\n', note: 'line break' }),
      (line) => pictures(line).flatMap((segment) => (segment.note === undefined ? words(segment.text) : [segment])),
    )
  return join(split(text, PADDING, padding, (part) => split(part, UNSEEN, unseen, oneLine ? strict : words)))
}
