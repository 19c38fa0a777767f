const ONSETS = 'b d f g k l m n p r s t v z br st'.split(' ')

const syllable = (byte: string): string => {
  const value = Number.parseInt(byte, 16)
  return `${ONSETS[value >> 4] ?? ''}${'aeio'.charAt((value >> 2) & 3)}${'lnrs'.charAt(value & 3)}`
}

/** Four pronounceable words from the first eight bytes of a hex digest: 16 bits each, for comparing by eye or aloud. */
export const digestWords = (digest: string): readonly string[] => [0, 4, 8, 12].map((at) => digest.slice(at, at + 4).replace(/../g, syllable))
