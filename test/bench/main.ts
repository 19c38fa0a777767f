/** `npm run bench -- [--json] [--quick] [--write]`: one run, one browser at a time, one server on localhost. */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { withBrowser } from './browser.ts'
import { measureCold } from './cold.ts'
import { measureEnqueue } from './enqueue.ts'
import { FULL, QUICK } from './plan.ts'
import { table, withRun, type Measures } from './report.ts'
import { openSite } from './site.ts'
import { measureSizes } from './sizes.ts'

const flags = new Set(process.argv.slice(2))
const plan = flags.has('--quick') ? QUICK : FULL
const progress = (text: string): void => void process.stderr.write(`${text}\n`)

const run = async (): Promise<Measures> => {
  progress('building the bundles')
  const site = await openSite()
  try {
    progress('P5: sizes')
    const P5 = await measureSizes()
    progress('P4: cold starts')
    const P4 = await withBrowser((context) => measureCold(context, site.origin, plan))
    progress('P1, P2: enqueues')
    const { P1, P2 } = await withBrowser((context) => measureEnqueue(context, site.origin, plan))
    return { P1, P2, P4, P5 }
  } finally {
    site.close()
  }
}

const measures = await run()
if (flags.has('--write')) {
  const readme = new URL('README.md', import.meta.url)
  const [cpu] = cpus()
  const day = new Date().toISOString().slice(0, 10)
  const where = `${day}, ${cpus().length} × ${cpu?.model.trim() || 'unnamed CPU'}, Node ${process.versions.node}${plan === QUICK ? ', `--quick`' : ''}:`
  await writeFile(readme, withRun(await readFile(readme, 'utf8'), `${where}\n\n${table(measures)}`))
}
if (flags.has('--json')) process.stdout.write(`${JSON.stringify(measures)}\n`)
else process.stdout.write(`${table(measures)}\n`)
