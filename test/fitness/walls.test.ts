import { expect, test } from 'vitest'
import { fixtureTree } from './fixture-tree.ts'

/** What the compiler says of one file in the project that holds its folder. */
const compile = (project: string, files: Readonly<Record<string, string>>) =>
  fixtureTree({ 'src/base/zero.ts': 'export const zero = 0\n', ...files }).run('tsc', '-b', `.config/${project}.json`)

const PURE_FOLDERS = ['src/base', 'src/protocol', 'src/audit', 'src/policy', 'sw/ports', 'sw/core'] as const
const ABSENT = [
  ['fetch', "export const answer = fetch('/')"],
  ['indexedDB', "export const opened = indexedDB.open('x')"],
  ['crypto', 'export const id = crypto.randomUUID()'],
  ['setTimeout', 'export const timer = setTimeout(() => undefined, 1)'],
  ['document', 'export const title = document.title'],
  ['self', 'export const scope = self'],
  ['process', 'export const env = process.env'],
  ['Buffer', "export const bytes = Buffer.from('x')"],
] as const

test('pure code that needs no world compiles', () => {
  expect(compile('pure', Object.fromEntries(PURE_FOLDERS.map((folder) => [`${folder}/canary.ts`, 'export const one = 1\n'])))).toEqual({
    code: 0,
    output: '',
  })
})

test.each(ABSENT)('pure code cannot see %s', (name, line) => {
  const { code, output } = compile('pure', Object.fromEntries(PURE_FOLDERS.map((folder) => [`${folder}/canary.ts`, `${line}\n`])))
  expect(code).not.toBe(0)
  for (const folder of PURE_FOLDERS) expect(output).toMatch(new RegExp(`^${folder}/canary\\.ts.*'${name}'`, 'm'))
})

test('worker code sees the worker and no document', () => {
  expect(compile('worker', { 'sw/adapters/canary.ts': "export const answer = () => fetch('/')\n" }).code).toBe(0)
  const { code, output } = compile('worker', { 'sw/adapters/canary.ts': 'export const title = document.title\n' })
  expect(code).not.toBe(0)
  expect(output).toContain("'document'")
})

test('page code that imports pure code compiles', () => {
  const files = { 'src/base/one.ts': 'export const one = 1\n', 'src/client/canary.ts': "export { one } from '../base/one.ts'\n" }
  expect(compile('page', files)).toEqual({ code: 0, output: '' })
})

test('page code that imports worker code does not compile', () => {
  const files = { 'sw/runtime/pump.ts': 'export const pump = 1\n', 'src/client/canary.ts': "export { pump } from '../../sw/runtime/pump.ts'\n" }
  const { code, output } = compile('page', files)
  expect(code).not.toBe(0)
  expect(output).toContain('TS6307')
})

test.each([
  ['an enum', 'export enum Lane { Green }'],
  ['a parameter property', 'export class Store { constructor(readonly name: string) {} }'],
  ['a namespace with code', 'export namespace Store { export const name = 1 }'],
])('%s does not compile', (_, line) => {
  const { code, output } = compile('pure', { 'src/base/canary.ts': `${line}\n` })
  expect(code).not.toBe(0)
  expect(output).toContain('TS1294')
})
