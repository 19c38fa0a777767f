import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixtureTree } from './fixture-tree.ts'
import { ROOT } from './source-files.ts'

const MANIFEST = JSON.stringify({ name: 'canary', version: '1.0.0', type: 'module', license: 'MIT', files: ['dist'], exports: './dist/index.js' })
const ENTRY = "import { one } from './used.ts'\n\nexport const two = one + one\n"

test('the formatter accepts its own style', () => {
  expect(fixtureTree({ 'src/base/canary.ts': "export const one = 'one'\n" }).run('oxfmt', '-c', '.config/oxfmt.json', '--check', 'src').code).toBe(0)
})

test.each([
  ['double quotes', 'export const one = "one"\n'],
  ['a semicolon', "export const one = 'one';\n"],
  ['four spaces', 'export const one = () => {\n    return 1\n}\n'],
])('the formatter refuses %s', (_, text) => {
  const { code, output } = fixtureTree({ 'src/base/canary.ts': text }).run('oxfmt', '-c', '.config/oxfmt.json', '--check', 'src')
  expect(code).not.toBe(0)
  expect(output).toContain('canary.ts')
})

test('code that is used is not dead', () => {
  const tree = fixtureTree({ 'package.json': MANIFEST, 'src/client/index.ts': ENTRY, 'src/client/used.ts': 'export const one = 1\n' })
  const { output } = tree.run('knip', '-c', '.config/knip.json', '--include', 'files,exports')
  expect(output).not.toContain('used.ts')
})

test.each([
  ['a file that nothing imports', { 'src/client/used.ts': 'export const one = 1\n', 'src/client/orphan.ts': 'export const left = 1\n' }, 'orphan.ts'],
  ['an export that nothing imports', { 'src/client/used.ts': 'export const one = 1\nexport const orphan = 2\n' }, 'orphan'],
])('%s is dead code', (_, files, named) => {
  const { code, output } = fixtureTree({ 'package.json': MANIFEST, 'src/client/index.ts': ENTRY, ...files }).run(
    'knip',
    '-c',
    '.config/knip.json',
    '--include',
    'files,exports',
  )
  expect(code).not.toBe(0)
  expect(output).toContain(named)
})

test('a package whose entry exists passes the package check', () => {
  expect(
    fixtureTree({ 'package.json': MANIFEST, 'dist/index.js': 'export const one = 1\n' }).run('publint', '--strict', '--pack', 'false').code,
  ).toBe(0)
})

test('a package whose entry is missing fails the package check', () => {
  expect(fixtureTree({ 'package.json': MANIFEST }).run('publint', '--strict', '--pack', 'false').code).not.toBe(0)
})

test('verify runs every check, and the quick tests', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const checks = Object.keys(scripts).filter((name) => name.startsWith('check:'))
  expect(checks.length).toBeGreaterThanOrEqual(7)
  for (const name of [...checks, 'test:quick']) expect(scripts['verify']).toContain(`npm run ${name}`)
})
