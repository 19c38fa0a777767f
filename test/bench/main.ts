/** `npm run bench -- [--json] [--quick] [--write] [--million] [--only P3,P6]`: one run, one browser at a time, one server on localhost. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { ROOT } from '../fitness/source-files.ts'
import { removeStacks } from './bench-stack.ts'
import { killBrowsers } from './browser.ts'
import { buildScripts } from './bundles.ts'
import { MEASURES, type Measures } from './figures.ts'
import { measureAll } from './measure.ts'
import { parseOptions, type Options } from './options.ts'
import { fetchPeers, peerVersions, type PeerName } from './peer-packages.ts'
import { FULL, QUICK } from './plan.ts'
import { report, withRun } from './report.ts'
import { openSite } from './site.ts'

const progress = (text: string): void => void process.stderr.write(`${text}\n`)

const git = (...args: readonly string[]): string => {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

const where = (options: Options, peers: ReadonlySet<PeerName>): string => {
  const [cpu] = cpus()
  const commit = `${git('rev-parse', '--short', 'HEAD') || 'no commit'}${git('status', '--porcelain', '--', 'src', 'sw', 'supabase') ? ' with changes' : ''}`
  return [
    `${new Date().toISOString().slice(0, 10)}, ${commit}, ${cpus().length} × ${cpu?.model.trim() || 'unnamed CPU'}, Node ${process.versions.node}`,
    ...(options.quick ? ['`--quick`'] : []),
    ...peerVersions(peers),
  ].join(', ')
}

const write = async (options: Options, peers: ReadonlySet<PeerName>, measures: Measures): Promise<void> => {
  const readme = new URL('README.md', import.meta.url)
  await writeFile(readme, withRun(await readFile(readme, 'utf8'), `${where(options, peers)}:\n\n${report(measures)}`))
}

const broken = new AbortController()

const run = async (options: Options): Promise<number> => {
  const peers = await fetchPeers(progress)
  progress('building the bundles')
  const texts = await buildScripts(peers)
  const site = await openSite(texts)
  try {
    const plan = options.quick ? QUICK : FULL
    const setting = { site, stopped: broken.signal, plan, peers, progress, million: options.million, openSite: () => openSite(texts) }
    const { measures, failed } = await measureAll(setting, options.only)
    if (options.write) await write(options, peers, measures)
    const ordered = Object.fromEntries(MEASURES.flatMap((name) => (measures[name] ? [[name, measures[name]]] : [])))
    process.stdout.write(options.json ? `${JSON.stringify(ordered)}\n` : `${report(measures)}\n`)
    return failed > 0 ? 1 : 0
  } finally {
    site.close()
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    broken.abort()
    killBrowsers()
    void removeStacks().finally(() => process.exit(130))
  })
}

try {
  process.exitCode = await run(parseOptions(process.argv.slice(2)))
} catch (error) {
  progress(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
