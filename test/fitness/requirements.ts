import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, sourceFiles } from './source-files.ts'

export type Requirement = { readonly id: string; readonly promise: string; readonly condition: string }

/** `1-26`, `4-S-12`, `B-3`. */
const ID = /^(?:\d-(?:S-)?\d+|B-\d+)$/

/** What is wrong with one file's parsed content; empty when nothing is. */
export const requirementFaults = (data: unknown): string[] => {
  if (!Array.isArray(data) || data.length === 0) return ['is not a list of promises']
  return data.flatMap((entry: unknown, index) => {
    const { id, promise, condition, ...rest } = (entry ?? {}) as Record<string, unknown>
    const filled = [promise, condition].every((text) => typeof text === 'string' && text.trim() !== '')
    return typeof id === 'string' && ID.test(id) && filled && Object.keys(rest).length === 0 ? [] : [`entry ${index} is not {id, promise, condition}`]
  })
}

export const duplicates = (ids: readonly string[]): string[] => ids.filter((id, index) => ids.indexOf(id) !== index)

/** Ids cited as `REQ 1-26` or `REQ 1-4, 1-5`. */
export const cited = (text: string): string[] =>
  [...text.matchAll(/\bREQ ((?:\d-(?:S-)?\d+|B-\d+)(?:,\s*(?:\d-(?:S-)?\d+|B-\d+))*)/g)].flatMap((match) => (match[1] ?? '').split(/,\s*/))

export const requirementFiles = () =>
  sourceFiles(join(ROOT, 'test/requirements'), /\.json$/).map(({ path, text }) => ({ path, data: JSON.parse(text) as unknown }))

export const readRequirements = (): Requirement[] => requirementFiles().flatMap(({ data }) => data as Requirement[])

export const packageVersion = (): string => (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version
