const CANDIDATE = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4}\b)?/

const valid = (iban: string): boolean => {
  const digits = [...iban.slice(4), ...iban.slice(0, 4)].map((letter) => parseInt(letter, 36)).join('')
  let rest = 0
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97
  return rest === 1
}

/** The first account number in a text, without spaces. A capital word after it may be swallowed, so the longest valid prefix wins. */
export const findIban = (text: string): string | null => {
  const found = CANDIDATE.exec(text)
  if (found === null) return null
  const groups = found[0].split(' ')
  for (let count = groups.length; count > 0; count -= 1) {
    const iban = groups.slice(0, count).join('')
    if (valid(iban)) return iban
  }
  return groups.join('')
}
