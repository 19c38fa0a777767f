import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inThreads } from './in-threads.ts'
import type { Result } from './summary.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PATCHES = fileURLToPath(new URL('./mutations', import.meta.url))
const COPIED = ['src', 'sw', 'test/sim']
const LINKED = ['node_modules', 'package.json']

export type Verdict = { readonly id: string; readonly ran: number; readonly caughtBy: Result | null }

/** The tree has moved on, and the patch has not. */
export class StalePatch extends Error {}

/** The bugs that were planted, by id: one unified diff each. */
export const mutations = (): readonly string[] =>
  readdirSync(PATCHES)
    .filter((name) => name.endsWith('.patch'))
    .map((name) => name.slice(0, -'.patch'.length))
    .toSorted()

/** Applies one planted bug to a copy of the tree and runs seeds on it until one fails. Throws `StalePatch` when it no longer applies. */
export async function mutate(id: string, options: { readonly from: number; readonly count: number; readonly threads: number }): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-mutation-'))
  try {
    mkdirSync(join(folder, 'test'))
    for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true })
    for (const path of LINKED) symlinkSync(join(ROOT, path), join(folder, path))
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: folder, GIT_DIR: join(folder, 'no-repository') }
    try {
      // One line of context is enough to find the place: the code around it may move on.
      execFileSync('git', ['apply', '-C1', join(PATCHES, `${id}.patch`)], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
    } catch (error) {
      throw new StalePatch(`${id}: ${String((error as { stderr?: unknown }).stderr)}`)
    }
    let ran = 0
    let caughtBy: Result | null = null
    await inThreads({ ...options, entry: join(folder, 'test/sim/thread.ts') }, (results) => {
      ran += results.length
      caughtBy ??= results.find(({ breaks }) => breaks.length > 0) ?? null
      return caughtBy !== null
    }).catch((error: unknown) => {
      // A copy that cannot even run to its end has failed.
      caughtBy ??= {
        seed: options.from,
        breaks: [{ law: 'stuck', text: `the run itself failed: ${String(error)}`, at: 0 }],
        effects: 0,
        killed: 0,
        faults: [],
        hash: '',
      }
    })
    return { id, ran, caughtBy }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
