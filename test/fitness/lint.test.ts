import { expect, test } from 'vitest'
import { fixtureTree } from './fixture-tree.ts'

const allowed: readonly (readonly [string, string])[] = [
  ['sw/core/canary.ts', 'export const later = (now: number) => now + 1'],
  ['sw/runtime/canary.ts', 'export const later = async () => Date.now()'],
  ['test/canary.ts', "console.log('measured')"],
  ['sw/adapters/console-log.ts', "export const log = () => console.warn('[MAESTRO]')"],
  ['vite.config.ts', 'export default {}'],
]

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

type Diagnostic = { readonly code: string; readonly severity: string; readonly filename: string }

/** Every text in a file of its own, `canary.ts` with the text's number in the name; the others are named by the rules. */
const texts = [...allowed, ...refused].map(([path, text], n) => ({ path: path.replace('canary.', `canary${n}.`), text }))
let said: { readonly code: number; readonly diagnostics: readonly Diagnostic[] } | undefined

/** What the linter says of all of them, which it reads in one run. */
const lint = () => {
  if (said !== undefined) return said
  const tree = fixtureTree(Object.fromEntries(texts.map(({ path, text }) => [path, `${text}\n`])))
  const { code, output } = tree.run('oxlint', '--format=json')
  said = { code, diagnostics: (JSON.parse(output) as { diagnostics: readonly Diagnostic[] }).diagnostics }
  return said
}
const errorsOf = (n: number): readonly string[] =>
  lint()
    .diagnostics.filter(({ filename, severity }) => filename === texts[n]?.path && severity === 'error')
    .map(({ code }) => code)

test('no file stands in the place of another, and the linter fails for those that may not be', () => {
  expect(new Set(texts.map(({ path }) => path)).size).toBe(texts.length)
  expect(lint().code).not.toBe(0)
})

test.each(allowed.map(([path, text], n) => ({ path, text, n })))('$path may hold: $text', ({ n }) => {
  expect(errorsOf(n)).toEqual([])
})

test.each(refused.map(([path, text, rule], n) => ({ path, n: n + allowed.length, rule, shown: text.slice(0, 60) })))(
  '$path may not hold: $shown',
  ({ n, rule }) => {
    expect(errorsOf(n).join()).toContain(rule)
  },
)
