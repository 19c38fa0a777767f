/**
 * `npm run test:consent -- --cases 10000 --json [--seed TEXT] [--chromium 500]`: generated attempts to run what nobody approved. The last line is one
 * JSON object; the exit code is 1 when anything ran, or when a case that should run did not.
 */
import { parseArgs } from 'node:util'
import { huntInChromium } from './chromium.ts'
import { hunt, type Tally } from './hunt.ts'
import { KINDS } from './kinds.ts'

/** Of a run, so many go through the built worker in Chromium at least. */
const IN_CHROMIUM = 500

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now()) },
    chromium: { type: 'string' },
  },
})
const wanted = Number(values.cases)
const inChromium = Math.min(wanted, Number(values.chromium ?? (wanted > IN_CHROMIUM ? IN_CHROMIUM : 0)))
if (!Number.isInteger(wanted) || wanted < 1 || !Number.isInteger(inChromium)) throw new Error('--cases and --chromium are whole numbers')

const log = (line: string): void => {
  if (!values.json) console.log(line)
}

const total: Record<string, Tally> = Object.fromEntries(KINDS.map((kind) => [kind, { cases: 0, run: 0, controls: 0, failed: 0 }]))
const add = (kind: string, tally: Tally): void => {
  const sum = (total[kind] ??= { cases: 0, run: 0, controls: 0, failed: 0 })
  sum.cases += tally.cases
  sum.run += tally.run
  sum.controls += tally.controls
  sum.failed += tally.failed
}

log(`seed ${values.seed}`)
const { byKind: inPages, faults } = inChromium > 0 ? await huntInChromium(inChromium, log) : { byKind: new Map<string, Tally>(), faults: [] }
for (const [kind, tally] of inPages) add(kind, tally)
const chromium = [...inPages.values()].reduce((sum, { cases }) => sum + cases, 0)
const { byKind, found } = await hunt(Math.max(0, wanted - chromium), values.seed, log)
for (const [kind, tally] of Object.entries(byKind)) add(kind, tally)

for (const one of found) log(`ran: ${JSON.stringify(one)}`)
for (const fault of faults) log(`fault: ${fault}`)
const sum = (of: keyof Tally): number => Object.values(total).reduce((all, tally) => all + tally[of], 0)
const [cases, run, failed] = [sum('cases'), sum('run'), sum('failed')]
console.log(
  JSON.stringify({
    cases,
    run,
    by_kind: total,
    in_chromium: chromium,
    controls: sum('controls'),
    controls_failed: failed,
    faults,
    seed: values.seed,
  }),
)
process.exit(run === 0 && failed === 0 && faults.length === 0 ? 0 : 1)
