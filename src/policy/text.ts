/** Characters of one text that policy looks at. What lies behind it counts as said by nobody, which can only raise a lane. */
export const TEXT_CHARS_MAX = 256 * 1024

/** Zero-width, joining, directional, tagging: they hide in a value and say nothing. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu

const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu

/** One text, as it is compared: compatibility forms folded, invisible characters gone, white space single. Case is kept. */
export const fold = (text: string): string =>
  text.slice(0, TEXT_CHARS_MAX).toWellFormed().normalize('NFKC').replace(INVISIBLE, '').replace(/\s+/gu, ' ').trim()

export const lower = (text: string): string => fold(text).toLowerCase()

/** The words of a text in lower case, without marks. */
export const wordsOf = (text: string): readonly string[] => lower(text).match(WORD) ?? []

/** The parts of a technical name: `delete_email`, `email.send` and `sendMail` are two words each. */
export const nameParts = (name: string): readonly string[] =>
  wordsOf(
    name
      .slice(0, 500)
      .replace(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, ' ')
      .replace(/[_.:/-]+/g, ' '),
  )

/** A name as people say it: without its file ending, its dots and dashes. */
export const spoken = (text: string): string => wordsOf(text.replace(/\.[a-z0-9]{1,5}$/i, '').replace(/[_.-]+/g, ' ')).join(' ')
