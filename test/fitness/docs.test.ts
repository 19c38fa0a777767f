import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { missing, named, projectAt } from './docs.ts'
import { ROOT, sourceFiles } from './source-files.ts'

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const documents = sourceFiles(ROOT, /\.md$/)
const project = projectAt(ROOT, Object.keys(scripts))

test('everything that a document names exists', () => {
  const names = documents.map(({ text }) => named(text))
  expect(documents.length).toBeGreaterThanOrEqual(8)
  expect(names.flatMap(({ links }) => links).length).toBeGreaterThan(10)
  expect(names.flatMap(({ paths }) => paths).length).toBeGreaterThan(20)
  expect(names.flatMap(({ scripts: run }) => run).length).toBeGreaterThan(5)
  expect(documents.flatMap((document) => missing(document, project))).toEqual([])
})

test('the README names the two commands', () => {
  const { text } = documents.find(({ path }) => path === 'README.md') ?? { text: '' }
  expect(named(text).scripts).toEqual(expect.arrayContaining(['start', 'test']))
})

test.each([
  ['a dead link', 'See [the laws](.github/NOTHING.md).'],
  ['a dead path', 'It is `src/nowhere/at-all.ts`.'],
  ['a dead script', 'Run `npm run dance`.'],
])('%s is found', (_, text) => {
  expect(missing({ path: 'README.md', text }, project)).toHaveLength(1)
})

test.each([
  ['a link to a document', 'See [the laws](.github/LAWS.md#four).'],
  ['a link elsewhere', 'See [the site](https://example.com/nothing.md).'],
  ['a path', 'It is `src/protocol/limits.ts`.'],
  ['code that is no path', 'Call `maestro.execute()` or open `/maestro-health`.'],
  ['a script', 'Run `npm run verify`, then `npm start`.'],
])('%s is accepted', (_, text) => {
  expect(missing({ path: 'README.md', text }, project)).toEqual([])
})
