import { featuresOf, type Features } from './features.ts'
import type { GuardModel } from './model.ts'
import { normalise, type Disguise } from './normalise.ts'
import { windowsOf } from './windows.ts'

export type Score = {
  /** 0 to 1: how much the worst window of the text looks like an attack. */
  readonly score: number
  /** That window, normalised, so that a person can be shown what it was. */
  readonly window: string
  readonly disguises: readonly Disguise[]
}

/** A text's windows and their features, in order. */
export function windowFeatures(text: string): { readonly window: string; readonly features: Features; readonly disguises: readonly Disguise[] }[] {
  const { texts, disguises } = normalise(text)
  return texts.flatMap((normal) => windowsOf(normal).map((window) => ({ window, features: featuresOf(window, disguises), disguises })))
}

/** The score of one window: the logistic of a weighted sum. */
export function scoreFeatures(model: GuardModel, { index, value }: Features): number {
  let sum = 0
  for (let i = 0; i < index.length; i++) sum += (model.weights[index[i] ?? 0] ?? 0) * (value[i] ?? 0)
  return 1 / (1 + Math.exp(-(model.bias + model.scale * sum)))
}

/** Scores a text of any length and content: total, deterministic, bounded. The worst window counts. */
export function scoreText(model: GuardModel, text: string): Score {
  let worst: Score = { score: 0, window: '', disguises: [] }
  for (const { window, features, disguises } of windowFeatures(text)) {
    const score = scoreFeatures(model, features)
    if (score > worst.score) worst = { score, window, disguises }
  }
  return worst
}
