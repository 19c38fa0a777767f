import { expect, test } from 'vitest'
import { fixtureTree } from './fixture-tree.ts'

const lint = (path: string, text: string) => fixtureTree({ [path]: `${text}\n` }).run('oxlint')

test.each([
  ['sw/core/canary.ts', 'export const later = (now: number) => now + 1'],
  ['sw/runtime/canary.ts', 'export const later = async () => Date.now()'],
  ['test/canary.ts', "console.log('measured')"],
  ['sw/adapters/console-log.ts', "export const log = () => console.warn('[MAESTRO]')"],
  ['vite.config.ts', 'export default {}'],
])('%s may hold: %s', (path, text) => {
  expect(lint(path, text)).toMatchObject({ code: 0 })
})

const PURE = ['src/base', 'src/protocol', 'src/audit', 'src/policy', 'sw/ports', 'sw/core']
const TIMELESS = [
  ['export const now = () => Date.now()', 'no-restricted-globals'],
  ['export const now = () => new Date()', 'no-restricted-globals'],
  ['export const now = () => performance.now()', 'no-restricted-globals'],
  ['export const luck = () => Math.random()', 'no-restricted-properties'],
  ["export const say = () => console.log('x')", 'no-console'],
] as const

const refused: readonly (readonly [string, string, string])[] = [
  ...PURE.flatMap((folder) => TIMELESS.map(([text, rule]) => [`${folder}/canary.ts`, text, rule] as const)),
  ...['src/audit', 'src/policy', 'sw/core'].map((folder) => [`${folder}/canary.ts`, 'export const wait = async () => 1', 'no-async-await'] as const),
  ['sw/runtime/canary.ts', "export const say = () => console.log('x')", 'no-console'],
  ['src/dialog/canary.ts', "export const say = () => console.log('x')", 'no-console'],
  ['src/client/canary.ts', "export const say = () => console.log('x')", 'no-console'],
  ['src/client/canary.ts', 'export default 1', 'no-default-export'],
  ['src/client/canary.ts', 'export const cast = (value: unknown) => value as any', 'no-explicit-any'],
  ['src/client/canary.ts', 'export const sure = (value?: string) => value!', 'no-non-null-assertion'],
  ['src/client/canary.ts', 'export const run = (text: string) => eval(text)', 'no-eval'],
  ['src/client/canary.ts', 'export const same = (a: unknown) => a == 1', 'eqeqeq'],
  ['src/client/canary.ts', Array.from({ length: 401 }, (_, line) => `export const n${line} = ${line}`).join('\n'), 'max-lines'],
  ['src/client/canary.ts', '// @ts-ignore\nexport const one = 1', 'ban-ts-comment'],
]

test.each(refused.map(([path, text, rule]) => ({ path, text, rule, shown: text.slice(0, 60) })))(
  '$path may not hold: $shown',
  ({ path, text, rule }) => {
    const { code, output } = lint(path, text)
    expect(code).not.toBe(0)
    expect(output).toContain(rule)
  },
)
