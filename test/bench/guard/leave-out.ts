import { scoreFeatures } from '../../../src/guard/score.ts'
import type { Scored } from './figures.ts'
import { fit, type Prepared, type Weights } from './fit.ts'
import { meanOf, quantise } from './quantise.ts'
import type { Sample } from './texts/own-texts.ts'

export type Held = Scored & { readonly kind: string }

/** Data sets of one family are translations or halves of one another: they are left out together. */
export const familyOf = (source: string): string => (source.startsWith('own/') ? 'own' : (source.split('/')[0] ?? source))

const SEEDS = [7, 8, 9]
const FIT = { epochs: 12, rate: 0.2, l2: 3e-4 } as const

/** Families and labels weigh less than their numbers; bare tasks that are attacks only by where they stand weigh little. */
export function weightsFor(samples: readonly Prepared[]): (sample: Sample) => number {
  const group = ({ source, label }: Sample): string => `${familyOf(source)} ${label}`
  const counts = new Map<string, number>()
  for (const { sample } of samples) counts.set(group(sample), (counts.get(group(sample)) ?? 0) + 1)
  return (sample) => Math.sqrt(400 / (counts.get(group(sample)) ?? 400)) * (sample.kind === 'indirect_text' ? 0.3 : 1)
}

export const train = (samples: readonly Prepared[], weightOf: (sample: Sample) => number, seeds: readonly number[] = SEEDS): Weights =>
  meanOf(seeds.map((seed) => fit(samples, weightOf, { ...FIT, seed })))

/** Scores as the shipped form would give them, bytes and all. */
const scored = (weights: Weights, samples: readonly Prepared[]): Held[] => {
  const model = quantise(weights, 0.5, 1)
  return samples.map(({ sample, windows }) => ({
    source: sample.source,
    label: sample.label,
    kind: sample.kind,
    score: Math.max(...windows.map((window) => scoreFeatures(model, window))),
  }))
}

/**
 * Every text scored by a model that has seen nothing of its family; our own benign texts by one that has seen no text of the same quarter of
 * templates, and a second time by one that has seen no text of the same kind.
 */
export function leaveOut(samples: readonly Prepared[], log: (line: string) => void): { readonly held: Held[]; readonly kinds: Held[] } {
  const weightOf = weightsFor(samples)
  const without = (isOut: (sample: Sample) => boolean, isTested: (sample: Sample) => boolean = isOut, seeds?: readonly number[]): Held[] =>
    scored(
      train(
        samples.filter(({ sample }) => !isOut(sample)),
        weightOf,
        seeds,
      ),
      samples.filter(({ sample }) => isTested(sample)),
    )
  const held: Held[] = []
  for (const family of [...new Set(samples.map(({ sample }) => familyOf(sample.source)))].filter((name) => name !== 'own')) {
    log(`without ${family}`)
    held.push(...without(({ source }) => familyOf(source) === family))
  }
  const isOwn = ({ source, label }: Sample): boolean => familyOf(source) === 'own' && label === 0
  for (let quarter = 0; quarter < 4; quarter++) {
    log(`without quarter ${quarter + 1} of our own templates`)
    const isTested = (sample: Sample): boolean => isOwn(sample) && sample.template !== undefined && sample.template % 4 === quarter
    held.push(...without((sample) => isTested(sample) || sample.kind === 'long pages', isTested))
  }
  const names = [...new Set(samples.filter(({ sample }) => isOwn(sample)).map(({ sample }) => sample.kind))]
  const kinds = Array.from({ length: 6 }, (_, part) => {
    log(`without part ${part + 1} of our own kinds`)
    const out = new Set(names.filter((_name, i) => i % 6 === part))
    return without((sample) => isOwn(sample) && out.has(sample.kind), undefined, SEEDS.slice(0, 1))
  }).flat()
  return { held, kinds }
}
