import type { Figures, Measure, MeasureName } from './figures.ts'

export type Measures = Readonly<Partial<Record<MeasureName, Measure>>>

const TITLES: Readonly<Record<MeasureName, string>> = {
  P1: 'durable, sealed enqueue, warm, one at a time',
  P2: '500 enqueues at once',
  P4: 'cold worker → handshake / → first durable answer',
  P5: 'JavaScript after gzip',
}

const words = (figures: Figures): string =>
  Object.entries(figures)
    .map(([name, value]) => (typeof value === 'number' ? `${name} ${value}` : `${name}: ${words(value)}`))
    .join(', ')

/** A Markdown table that also reads well in a terminal. */
export const table = (measures: Measures): string =>
  [
    '| # | Measure | Ours | Peers | Must | Met |',
    '|---|---|---|---|---|---|',
    ...(Object.entries(measures) as [MeasureName, Measure][]).map(
      ([name, { ours, peers, must, met }]) => `| ${name} | ${TITLES[name]} | ${words(ours)} | ${words(peers)} | ${must} | ${met ? 'yes' : 'no'} |`,
    ),
  ].join('\n')

const BEGIN = '<!-- run -->'
const END = '<!-- /run -->'

/** Puts a run's table between the marks of the README; throws where they are missing. */
export const withRun = (readme: string, text: string): string => {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error('the README has no place for a run')
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${readme.slice(end)}`
}
