import { MEASURES, type Figures, type Measure, type MeasureName, type Measures } from './figures.ts'

const TITLES: Readonly<Record<Exclude<MeasureName, 'faults'>, string>> = {
  P1: 'durable, sealed enqueue, warm, one at a time',
  P2: '500 enqueues at once',
  P3: 'drain of a full store',
  P4: 'cold worker → handshake / → first durable answer',
  P5: 'JavaScript after gzip',
  P6: 'claim, lookup and start in a growing ledger',
  P7: 'server claims',
  P8: 'kill document committed → last effect',
  P9: 'GREEN decision in the worker',
}

const words = (figures: Figures): string =>
  Object.entries(figures)
    .map(([name, value]) => (typeof value === 'number' ? `${name} ${value}` : `${name}: ${words(value)}`))
    .join(', ')

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** A Markdown table that also reads well in a terminal. */
export const table = (measures: Measures): string =>
  [
    '| # | Measure | Ours | Peers | Must | Met |',
    '|---|---|---|---|---|---|',
    ...MEASURES.flatMap((name) => {
      const measure = measures[name]
      if (name === 'faults' || !measure) return []
      const { ours, peers, must, met } = measure
      return [row([name, TITLES[name], words(ours), words(peers) || '–', must, met ? 'yes' : 'no'])]
    }),
  ].join('\n')

/** The table of faults: a line a figure, a column a side; a side that was not measured has a dash. */
export const faultsTable = ({ ours, peers }: Measure): string => {
  const sides = Object.entries({ ours, ...peers }).filter((entry): entry is [string, Figures] => typeof entry[1] === 'object')
  return [
    row(['Fault', ...sides.map(([side]) => side)]),
    row(sides.map(() => '---').concat('---')),
    ...Object.keys(ours).map((name) => row([name.replaceAll('_', ' '), ...sides.map(([, figures]) => String(figures[name] ?? '–'))])),
  ].join('\n')
}

/** All tables of a run. */
export const report = (measures: Measures): string => [table(measures), ...(measures.faults ? [faultsTable(measures.faults)] : [])].join('\n\n')

const BEGIN = '<!-- run -->'
const END = '<!-- /run -->'

/** Puts a run's tables between the marks of the README; throws where they are missing. */
export const withRun = (readme: string, text: string): string => {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error('the README has no place for a run')
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${readme.slice(end)}`
}
