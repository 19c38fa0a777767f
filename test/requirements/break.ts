import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { testsOf } from './held.ts'
import { ROOT, idsIn } from './rows.ts'
import { namePattern, runVitest } from './run-vitest.ts'

const FOLDER = join(ROOT, 'test/requirements/breakers')
const COPIED = [
  'src',
  'sw',
  'test',
  'supabase',
  'public',
  '.config',
  '.github',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vite.config.ts',
  'README.md',
]

/** One line of the product, broken: a unified diff, before it the test file that must turn red and the ids that it stands for. */
export type Breaker = { readonly name: string; readonly ids: readonly string[]; readonly test: string }

/** Reads `# REQ 1-46, 1-47` and `# test: test/unit/cli.test.ts` from a patch's head. Throws when either is missing. */
export const readBreaker = (name: string): Breaker => {
  const text = readFileSync(join(FOLDER, name), 'utf8')
  const head = text.slice(0, text.indexOf('\n--- '))
  const test = /^# test: (\S+)$/m.exec(head)?.[1]
  const ids = idsIn(head)
  if (test === undefined || ids.length === 0) throw new Error(`${name} does not say "# REQ …" and "# test: …"`)
  return { name, ids, test }
}

export const breakers = (): readonly Breaker[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.patch'))
    .toSorted()
    .map(readBreaker)

export type Verdict = { readonly id: string; readonly breaker: string; readonly red: boolean; readonly why: string }

/** Applies one breaker to a copy of the tree and runs the tests of each of its ids there: each must fail, by a test and not by a file that does not load. */
export const applyBreaker = async ({ name, ids, test }: Breaker): Promise<readonly Verdict[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-breaker-'))
  const say = (red: boolean, why: string, of: readonly string[] = ids): readonly Verdict[] =>
    of.map((id) => ({ id, breaker: basename(name, '.patch'), red, why }))
  try {
    for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: folder, GIT_DIR: join(folder, 'no-repository') }
    try {
      execFileSync('git', ['apply', '-C1', '--recount', join(FOLDER, name)], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
    } catch (error) {
      return say(false, `the patch no longer applies: ${String((error as { stderr?: unknown }).stderr).trim()}`)
    }
    const verdicts: Verdict[] = []
    const report = await runVitest(folder, [test], ids.map(namePattern).join('|'))
    const results = report === null ? [] : testsOf(report)
    for (const id of ids) {
      const named = results.filter(({ title, status }) => idsIn(title).includes(id) && (status === 'passed' || status === 'failed'))
      const failed = named.filter(({ status }) => status === 'failed').length
      verdicts.push(...say(failed > 0, failed > 0 ? `${failed} of ${named.length} tests failed` : `${named.length} tests ran, none failed`, [id]))
    }
    return verdicts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
