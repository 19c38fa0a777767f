import { BUCKETS, featuresOf, type Features } from '../../../src/guard/features.ts'
import { normalise } from '../../../src/guard/normalise.ts'
import { windowsOf } from '../../../src/guard/windows.ts'
import { seeded } from './texts/expand.ts'
import type { Sample } from './texts/own-texts.ts'

/** A text's windows as features, computed once. */
export type Prepared = { readonly sample: Sample; readonly windows: readonly Features[] }
export type Weights = { readonly bias: number; readonly table: Float32Array }
export type FitOptions = { readonly seed: number; readonly epochs: number; readonly rate: number; readonly l2: number }

export const prepare = (sample: Sample): Prepared => {
  const { texts, disguises } = normalise(sample.text)
  return { sample, windows: texts.flatMap((text) => windowsOf(text).map((window) => featuresOf(window, disguises))) }
}

const logit = (table: Float32Array, bias: number, { index, value }: Features): number => {
  let sum = bias
  for (let i = 0; i < index.length; i++) sum += (table[index[i] ?? 0] ?? 0) * (value[i] ?? 0)
  return sum
}

const shuffle = <T>(items: T[], random: () => number): T[] => {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [items[i] as T, items[j] as T]
    items[i] = b
    items[j] = a
  }
  return items
}

/**
 * Logistic regression by Adagrad with L2, weights averaged over the last half of the steps. An attack's windows are an "at least one": each step
 * takes the one that looks most like an attack now; a benign text's windows all have to be benign, so its worst one is taken as well.
 */
export function fit(samples: readonly Prepared[], weightOf: (sample: Sample) => number, options: FitOptions): Weights {
  const random = seeded(options.seed)
  const table = new Float32Array(BUCKETS)
  const squares = new Float32Array(BUCKETS).fill(1e-3)
  const sum = new Float64Array(BUCKETS)
  let [bias, biasSum, biasSquares, rounds] = [0, 0, 1, 0]
  const order = [...samples]
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    for (const prepared of shuffle(order, random)) {
      const weight = weightOf(prepared.sample)
      if (weight === 0) continue
      let worst = prepared.windows[0] as Features
      let high = -Infinity
      for (const window of prepared.windows) {
        const score = logit(table, bias, window)
        if (score > high) [high, worst] = [score, window]
      }
      const error = (1 / (1 + Math.exp(-high)) - prepared.sample.label) * weight
      for (let i = 0; i < worst.index.length; i++) {
        const at = worst.index[i] ?? 0
        const old = table[at] ?? 0
        const gradient = error * (worst.value[i] ?? 0) + options.l2 * old
        const square = (squares[at] ?? 0) + gradient * gradient
        squares[at] = square
        table[at] = old - (options.rate * gradient) / Math.sqrt(square)
      }
      biasSquares += error * error
      bias -= (options.rate * error) / Math.sqrt(biasSquares)
    }
    if (epoch * 2 >= options.epochs) {
      for (let i = 0; i < BUCKETS; i++) sum[i] = (sum[i] ?? 0) + (table[i] ?? 0)
      biasSum += bias
      rounds++
    }
  }
  return { bias: biasSum / rounds, table: Float32Array.from(sum, (value) => value / rounds) }
}
