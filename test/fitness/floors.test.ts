import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { floorViolations, functionViolations, importsOf } from './floors.ts'
import { ROOT, sourceFiles } from './source-files.ts'

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
const dependencies = new Set(Object.keys(manifest.dependencies))
const files = sourceFiles(ROOT, /^(src|sw)\/.*\.(ts|mjs)$/)
const functions = sourceFiles(ROOT, /^supabase\/functions\/.*\.ts$/)

test('every module imports only from a lower floor or its own folder', () => {
  expect(files.length).toBeGreaterThan(80)
  expect(files.flatMap((file) => importsOf(file.text)).length).toBeGreaterThan(150)
  expect(floorViolations(files, dependencies)).toEqual([])
})

test('edge functions import nothing from above their folder', () => {
  expect(functions.length).toBeGreaterThan(2)
  expect(functionViolations(functions)).toEqual([])
})

const accepted = [
  ['src/client/a.ts', "import { LIMITS } from '../protocol/limits.ts'"],
  ['src/client/a.ts', "import { wrap } from 'comlink'"],
  ['src/client/deep/a.ts', "import { b } from '../b.ts'"],
  ['src/demo/worker/sw.ts', "import { createMaestro } from '../../../sw/boot/index.ts'"],
  ['sw/core/a.ts', "import type { Fact } from '../ports/fact.ts'"],
  ['sw/boot/a.ts', "import { a } from '../adapters/a.ts'"],
  ['src/base/a.ts', "/* import { b } from '../client/b.ts' */"],
] as const

const refused = [
  ['src/base/a.ts', "import { LIMITS } from '../protocol/limits.ts'"],
  ['src/base/a.ts', "import type {\n  Limits,\n} from '../protocol/limits.ts'"],
  ['src/base/a.ts', "export * from '../client/index.ts'"],
  ['src/base/a.ts', "const lazy = () => import('../client/index.ts')"],
  ['src/base/a.ts', "import '../client/index.ts'"],
  ['src/policy/a.ts', "import { entry } from '../audit/entry.ts'"],
  ['src/client/a.ts', "import { admit } from '../../sw/core/admit.ts'"],
  ['src/dialog/a.ts', "import { Keyring } from '../../sw/ports/keyring.ts'"],
  ['sw/core/a.ts', "import { pump } from '../runtime/pump.ts'"],
  ['sw/core/a.ts', "import { openDB } from 'idb'"],
  ['sw/runtime/a.ts', "import { store } from '../adapters/store.ts'"],
  ['sw/adapters/a.ts', "import { admit } from '../core/admit.ts'"],
  ['sw/adapters/a.ts', "import { run } from '../runtime/run.ts'"],
  ['sw/boot/a.ts', "import { connect } from '../../src/client/connect.ts'"],
  ['sw/adapters/a.ts', "import { serve } from 'hono'"],
  ['sw/boot/a.ts', "import { readFile } from 'node:fs/promises'"],
  ['src/client/a.ts', "import { ask } from '../../test/support/ask.ts'"],
  ['src/attic/a.ts', "import { a } from '../base/a.ts'"],
] as const

test.each(accepted)('%s may hold: %s', (path, text) => {
  expect(floorViolations([{ path, text }], dependencies)).toEqual([])
})

test.each(refused)('%s may not hold: %s', (path, text) => {
  expect(floorViolations([{ path, text }], dependencies)).toHaveLength(1)
})

test('a function that imports product code is found', () => {
  const text = "import { a } from '../../../src/base/a.ts'"
  expect(functionViolations([{ path: 'supabase/functions/maestro-sync/handler.ts', text }])).toHaveLength(1)
})
