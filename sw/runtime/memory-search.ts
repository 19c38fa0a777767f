import type { Json } from '../../src/base/json.ts'

/** Words of a text as they are compared: without case or accents. */
export const wordsOf = (text: string): readonly string[] =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? []

/** Everything in a value that a person could search for, the names of its parts included. */
export const textOf = (value: Json): string =>
  value === null || typeof value === 'boolean'
    ? ''
    : Array.isArray(value)
      ? value.map((part: Json) => textOf(part)).join(' ')
      : typeof value === 'object'
        ? Object.entries(value)
            .map(([name, part]) => `${name} ${textOf(part)}`)
            .join(' ')
        : String(value)

/**
 * Keyword scores (BM25 with its usual constants) of texts for a query; a word also counts where it begins one. 0: nothing of the query is in it.
 */
export function keywordScores(query: string, texts: readonly string[]): readonly number[] {
  const K = 1.2
  const B = 0.75
  const asked = [...new Set(wordsOf(query))]
  const documents = texts.map(wordsOf)
  const mean = documents.reduce((sum, { length }) => sum + length, 0) / Math.max(1, documents.length)
  const scores = documents.map(() => 0)
  for (const word of asked) {
    const counts = documents.map((words) => words.reduce((sum, other) => sum + (other === word ? 1 : other.startsWith(word) ? 0.5 : 0), 0))
    const found = counts.filter((count) => count > 0).length
    const weight = Math.log(1 + (documents.length - found + 0.5) / (found + 0.5))
    counts.forEach((count, i) => {
      const length = (documents[i]?.length ?? 0) / Math.max(1, mean)
      scores[i] = (scores[i] ?? 0) + (weight * count * (K + 1)) / (count + K * (1 - B + B * length))
    })
  }
  return scores
}

/** How alike two directions are, from -1 to 1. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  let [dot, left, right] = [0, 0, 0]
  a.forEach((value, i) => {
    const other = b[i] ?? 0
    dot += value * other
    left += value * value
    right += other * other
  })
  return left === 0 || right === 0 ? 0 : dot / Math.sqrt(left * right)
}
