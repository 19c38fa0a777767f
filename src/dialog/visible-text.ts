/** A stretch of text as it may be displayed, and what a reader would otherwise miss about it. */
export type Segment = {
  /** Safe to display; empty when the characters themselves cannot be seen or would reorder their neighbours. */
  readonly text: string
  /** Shown in brackets behind the text: "U+202E right-to-left override", "Cyrillic U+0430". */
  readonly note?: string
}

/** Names of the invisible characters that attacks use most. */
const NAMES: Readonly<Record<string, string>> = {
  '00A0': 'no-break space',
  '00AD': 'soft hyphen',
  '200B': 'zero-width space',
  '200C': 'zero-width non-joiner',
  '200D': 'zero-width joiner',
  '200E': 'left-to-right mark',
  '200F': 'right-to-left mark',
  '202D': 'left-to-right override',
  '202E': 'right-to-left override',
  '2066': 'left-to-right isolate',
  '2067': 'right-to-left isolate',
}

/** Emoji sequences use joiners lawfully; everything else that cannot be seen is reported, runs of one character as one. */
const PARTS =
  /(\p{ExtPict}[\uFE0F\p{EMod}]?(?:\u200D\p{ExtPict}[\uFE0F\p{EMod}]?)*)|([\u{E0020}-\u{E007E}]+)|(?!\r\n|[ \n])([\p{C}\p{Z}\p{DI}\u2800])\3*|\p{M}{4,}/gu

/** Letters of other scripts that pass for Latin ones. */
const FOREIGN = /[\p{sc=Cyrl}\p{sc=Grek}\p{sc=Armn}\p{sc=Cher}\p{sc=Copt}\p{sc=Lisu}]+/gu
/** Words of these letters alone read as Latin words. */
const TWINS = /^[асеіјӏорѕхуАВЕЅІЈКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧο\d]{3,}$/
/** Characters that pass for ASCII wherever they stand: styled, full-width and slash- or dot-like forms. */
const STYLED = /[\u{1D400}-\u{1D7FF}\uFF0E-\uFF19\uFF20-\uFF3A\uFF41-\uFF5A\u2024\u2044\u2215ıɑɡ]+/gu
/** Tokens judged whole, because a letter in one label of a host name deceives about all of it; other tokens word by word. */
const ADDRESS = /[@/]|\p{L}\.\p{L}/u
const WORDS = /[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+/gu

const hex = (text: string): string => (text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')

/** Splits a text where `pattern` stands: notes what it matches, hands the rest on. A note of `null` leaves the match as it is. */
const split = (text: string, pattern: RegExp, found: (match: RegExpMatchArray) => Segment | null, rest: (text: string) => Segment[]): Segment[] => {
  const out: Segment[] = []
  let from = 0
  for (const match of text.matchAll(pattern)) {
    const segment = found(match)
    if (segment === null) continue
    out.push(...rest(text.slice(from, match.index)), segment)
    from = match.index + match[0].length
  }
  out.push(...rest(text.slice(from)))
  return out
}

const asIs = (text: string): Segment[] => (text === '' ? [] : [{ text }])

const foreign = ([text]: RegExpMatchArray): Segment => {
  const script = /\p{sc=Cyrl}/u.test(text) ? 'Cyrillic' : /\p{sc=Grek}/u.test(text) ? 'Greek' : 'foreign'
  return { text, note: `${script} ${text.length === 1 ? `U+${hex(text)}` : 'letters'}` }
}

const styled = ([text]: RegExpMatchArray): Segment => ({ text, note: `not plain "${text.normalize('NFKC')}", U+${hex(text)}` })

const judge = (word: string): Segment[] =>
  split(word, STYLED, styled, (rest) => (/\p{sc=Latn}/u.test(word) || TWINS.test(word) ? split(rest, FOREIGN, foreign, asIs) : asIs(rest)))

const unseen = ([run, emoji, tags, one]: RegExpMatchArray): Segment | null => {
  if (emoji !== undefined) return null
  if (one === undefined) return { text: '', note: `${[...run].length} ${tags === undefined ? 'combining marks' : 'hidden letters'}` }
  const times = run.length / one.length
  return { text: '', note: `U+${hex(one)} ${NAMES[hex(one)] ?? 'invisible character'}${times > 1 ? ` ×${times}` : ''}` }
}

const words = (text: string): Segment[] =>
  (text.match(/\s+|\S+/g) ?? []).flatMap((token) => (ADDRESS.test(token) ? [token] : (token.match(WORDS) ?? []))).flatMap(judge)

/**
 * Makes visible what deceives the eye: invisible and direction-changing characters, letters of another script inside Latin words,
 * styled twins of ASCII, piles of combining marks. Never drops a visible character. Pure; any string, also ill-formed UTF-16.
 */
export const visibleText = (text: string): Segment[] => split(text, PARTS, unseen, words)
