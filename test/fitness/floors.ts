import { posix } from 'node:path'
import type { SourceFile } from './source-files.ts'

/** A module imports only from a strictly lower floor, or from its own folder. */
const FLOORS: Readonly<Record<string, number>> = {
  'src/base': 0,
  'src/protocol': 1,
  'src/audit': 2,
  'src/policy': 2,
  'src/guard': 2,
  'src/client': 3,
  'src/server': 3,
  'sw/ports': 3,
  'src/dialog': 4,
  'src/panel': 5,
  'src/passkeys': 5,
  'src/killswitch': 5,
  'src/memory': 5,
  'src/reader': 5,
  'sw/core': 4,
  'sw/runtime': 5,
  'sw/adapters': 5,
  'sw/boot': 6,
  'src/testing': 7,
  'src/cli': 7,
  'src/demo': 8,
  'src/pages': 9,
}

/** What both sides share: the only part of `src/` that the worker may use. */
const SHARED = new Set(['src/base', 'src/protocol', 'src/audit', 'src/policy', 'src/guard'])
/** Floors that nothing published imports, and that may use the worker's. */
const ROOTS = new Set(['src/testing', 'src/cli', 'src/demo', 'src/pages'])
/** Rules, not technology: no package at all. */
const NO_PACKAGES = new Set(['src/audit', 'src/policy', 'src/guard', 'sw/ports', 'sw/core', 'sw/runtime', 'src/dialog', 'src/panel'])

const IMPORT =
  /(?:^|[\n;])\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|[\n;])import['"]([^'"]+)['"]/g

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')

export const importsOf = (text: string): string[] =>
  [...withoutComments(text).matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')

const folderOf = (path: string): string => path.split('/').slice(0, 2).join('/')
const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

const againstFloors = (from: string, to: string): string | null => {
  const mine = FLOORS[from]
  const theirs = FLOORS[to]
  if (mine === undefined) return `${from} has no floor`
  if (from === to) return null
  if (theirs === undefined) return from === 'src/demo' && to.startsWith('supabase/') ? null : `${from} may not import ${to}`
  if (theirs >= mine) return `${from} (floor ${mine}) may not import ${to} (floor ${theirs})`
  if (to.startsWith('sw/') && from.startsWith('src/') && !ROOTS.has(from)) return `${from} may not import the worker's ${to}`
  if (from.startsWith('sw/') && to.startsWith('src/') && !SHARED.has(to)) return `the worker's ${from} may not import ${to}`
  if (from === 'sw/adapters' && to === 'sw/core') return 'an adapter knows no rules: it may not import sw/core'
  return null
}

const againstPackages = (from: string, specifier: string, dependencies: ReadonlySet<string>): string | null => {
  if (ROOTS.has(from)) return null
  if (specifier.startsWith('node:')) return `${from} may not import ${specifier}`
  if (NO_PACKAGES.has(from)) return `${from} may not import the package ${packageOf(specifier)}`
  return dependencies.has(packageOf(specifier)) ? null : `${from} is published and imports ${packageOf(specifier)}, which is no dependency`
}

/** Every import that breaks a floor, as `path: sentence`. `dependencies` are the package names that published code may use. */
export const floorViolations = (files: readonly SourceFile[], dependencies: ReadonlySet<string>): string[] =>
  files.flatMap(({ path, text }) =>
    importsOf(text).flatMap((specifier) => {
      const from = folderOf(path)
      const wrong = specifier.startsWith('.')
        ? againstFloors(from, folderOf(posix.join(posix.dirname(path), specifier)))
        : againstPackages(from, specifier, dependencies)
      return wrong === null ? [] : [`${path}: ${wrong}`]
    }),
  )

/** Supabase's bundler takes no file from above `supabase/`. */
export const functionViolations = (files: readonly SourceFile[]): string[] =>
  files.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((specifier) => specifier.startsWith('.') && !posix.join(posix.dirname(path), specifier).startsWith('supabase/functions/'))
      .map((specifier) => `${path}: a function may not import ${specifier}`),
  )
