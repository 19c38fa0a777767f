/** Letters of other scripts that look like Latin ones, and digits and signs that stand in for letters. */
const PAIRS = 'аaбbвbеeёeзzиuкkмmнhоoрpсcтtуyхxіiїijjѕsһhԁdԛqԝwԍgӏlαaβbγyδdεeζzηnθoιiκkμuνvοoπnρpσoτtυuφoχxωwℓlıiɩiɡgʀrɴnᴀaᴄcᴅdᴇeᴊjᴋkᴍmᴏoᴘpᴛtᴜuᴠvᴡwᴢz'

const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  Array.from({ length: PAIRS.length / 2 }, (_, i) => [PAIRS.charAt(2 * i), PAIRS.charAt(2 * i + 1)]),
)

const STAND_INS: Readonly<Record<string, string>> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' }

/** A word that mixes Latin with letters that look like Latin ones, in Latin. A word all of one script is left as it is. */
export const unmask = (text: string): string =>
  text.replace(/[\p{L}\p{M}]+/gu, (word) =>
    /[a-z]/.test(word) && /[^a-z\p{M}]/u.test(word) ? Array.from(word, (letter) => LOOK_ALIKES.get(letter) ?? letter).join('') : word,
  )

/** `1gn0re` as `ignore`; a word with fewer letters than stand-ins (a code, an amount) stays. */
export function unleet(word: string): string {
  if (!/[0-9@$!]/.test(word) || !/^[a-z][a-z0-9@$!]*[a-z]$|^[0-9@$!]?[a-z][a-z0-9@$!]*$/.test(word)) return word
  const letters = word.replace(/[^a-z]/g, '').length
  if (word.length < 4 || letters * 2 < word.length) return word
  return word.replace(/[0134457@$!]/g, (sign) => STAND_INS[sign] ?? sign)
}
