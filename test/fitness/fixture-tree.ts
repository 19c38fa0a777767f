import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ROOT } from './source-files.ts'

export type Outcome = { readonly code: number; readonly output: string }

/** A throw-away project with the real configuration of ours: what a guard says of these files, it would say of them here. */
export type FixtureTree = {
  readonly path: string
  /** Runs a tool of ours in the tree. */
  run(tool: string, ...args: readonly string[]): Outcome
}

export const fixtureTree = (files: Readonly<Record<string, string>>): FixtureTree => {
  const path = mkdtempSync(join(tmpdir(), 'maestro-fitness-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  for (const name of ['.config', '.oxlintrc.json', '.prettierignore', 'tsconfig.json'])
    cpSync(join(ROOT, name), join(path, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(path, 'node_modules'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return {
    path,
    run: (tool, ...args) => {
      const done = spawnSync(process.execPath, [binaries[tool] ?? tool, ...args], {
        cwd: path,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1' },
      })
      return { code: done.status ?? 1, output: `${done.stdout}${done.stderr}` }
    },
  }
}

const binaries: Readonly<Record<string, string>> = Object.fromEntries(
  ['tsc', 'oxlint', 'oxfmt', 'knip', 'publint'].map((tool) => [tool, join(ROOT, 'node_modules', '.bin', tool)]),
)
