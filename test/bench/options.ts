import { MEASURES, type MeasureName } from './figures.ts'

export type Options = {
  readonly json: boolean
  readonly quick: boolean
  readonly write: boolean
  readonly million: boolean
  readonly only: ReadonlySet<MeasureName>
}

const FLAGS = new Set(['--json', '--quick', '--write', '--million'])

const isMeasure = (name: string): name is MeasureName => (MEASURES as readonly string[]).includes(name)

/** The command line; throws with a sentence on what it does not know, so that a misspelt run does not measure something else. */
export const parseOptions = (args: readonly string[]): Options => {
  const flags = new Set<string>()
  let only: readonly string[] = MEASURES
  for (let i = 0; i < args.length; i++) {
    const [name = '', given] = (args[i] ?? '').split('=', 2)
    if (FLAGS.has(name)) flags.add(name)
    else if (name === '--only') only = (given ?? args[++i] ?? '').split(',')
    else throw new Error(`unknown option ${name}; there are --json --quick --write --million and --only P1,P3,faults`)
  }
  const named = new Set(only.filter(isMeasure))
  if (named.size === 0 || named.size !== only.length) throw new Error(`--only takes some of ${MEASURES.join(',')}`)
  return { json: flags.has('--json'), quick: flags.has('--quick'), write: flags.has('--write'), million: flags.has('--million'), only: named }
}
