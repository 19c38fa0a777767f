/** One scored text. */
export type Scored = { readonly source: string; readonly label: 0 | 1; readonly score: number }
export type SourceFigures = { readonly n: number; readonly positives: number; readonly recall: number | null; readonly specificity: number | null }
export type Figures = {
  readonly threshold: number
  readonly n: number
  readonly auc: number | null
  readonly by_source: Readonly<Record<string, SourceFigures>>
}

/** The chance that an attack scores above a benign text, ties counted half; `null` without both. */
export function aucOf(scored: readonly Scored[]): number | null {
  const positives = scored.filter(({ label }) => label === 1).length
  const negatives = scored.length - positives
  if (positives === 0 || negatives === 0) return null
  const sorted = [...scored].sort((a, b) => a.score - b.score)
  let ranks = 0
  for (let i = 0; i < sorted.length;) {
    let end = i
    while (end < sorted.length && sorted[end]?.score === sorted[i]?.score) end++
    ranks += sorted.slice(i, end).filter(({ label }) => label === 1).length * ((i + 1 + end) / 2)
    i = end
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives)
}

const share = (scored: readonly Scored[], right: (score: number) => boolean): number | null =>
  scored.length === 0 ? null : scored.filter(({ score }) => right(score)).length / scored.length

export const figuresOf = (scored: readonly Scored[], threshold: number): SourceFigures => {
  const attacks = scored.filter(({ label }) => label === 1)
  return {
    n: scored.length,
    positives: attacks.length,
    recall: share(attacks, (score) => score >= threshold),
    specificity: share(
      scored.filter(({ label }) => label === 0),
      (score) => score < threshold,
    ),
  }
}

/** What the benchmark prints; the threshold is the model's own. */
export function benchFigures(scored: readonly Scored[], threshold: number): Figures {
  const sources = [...new Set(scored.map(({ source }) => source))].sort()
  return {
    threshold,
    n: scored.length,
    auc: aucOf(scored),
    by_source: Object.fromEntries(
      sources.map((source) => [
        source,
        figuresOf(
          scored.filter((row) => row.source === source),
          threshold,
        ),
      ]),
    ),
  }
}
