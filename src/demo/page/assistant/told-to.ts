const NEGATED = /(?:\b(?:do not|never|no need to|without)|n['’]t)\s+(?:\w+\s+){0,2}$/i

/** What follows the first verb of the list that the sentence tells somebody to do; null when none does ("do not pay" tells nobody to pay). */
export const toldTo = (sentence: string, verbs: RegExp): string | null => {
  const found = verbs.exec(sentence)
  if (found === null || NEGATED.test(sentence.slice(0, found.index))) return null
  return sentence.slice(found.index + found[0].length)
}
