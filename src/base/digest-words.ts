const ONSETS = ['b', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z', 'br', 'st']
const VOWELS = ['a', 'e', 'i', 'o']
const CODAS = ['l', 'n', 'r', 's']

const syllable = (value: number): string => `${ONSETS[value >> 4] ?? ''}${VOWELS[(value >> 2) & 3] ?? ''}${CODAS[value & 3] ?? ''}`

/** Four pronounceable words from the first eight bytes of a hex digest: 16 bits each, for comparing by eye or aloud. */
export const digestWords = (digest: string): readonly string[] =>
  [0, 4, 8, 12].map((at) => syllable(Number.parseInt(digest.slice(at, at + 2), 16)) + syllable(Number.parseInt(digest.slice(at + 2, at + 4), 16)))
