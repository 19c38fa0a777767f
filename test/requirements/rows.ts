import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Sections 0, 1 and 2: the promises of the operators' runbooks. */
const FILES = ['operations', 'runbook', 'rollback']

/** The ids of these sections, in their order. */
export const rowIds = (): readonly string[] =>
  FILES.flatMap((name) => (JSON.parse(readFileSync(join(ROOT, `test/requirements/${name}.json`), 'utf8')) as { id: string }[]).map(({ id }) => id))

const CITATION = /\bREQ ((?:\d-(?:S-)?\d+|B-\d+)(?:, ?(?:\d-(?:S-)?\d+|B-\d+))*)/g

/** The ids that a title names as `REQ 1-26` or `REQ 1-26, 1-27`. */
export const idsIn = (title: string): readonly string[] => [...title.matchAll(CITATION)].flatMap((match) => (match[1] ?? '').split(/, ?/))

/** Test files, by project, whose text names any of these ids. */
export const filesNaming = (ids: ReadonlySet<string>): readonly string[] =>
  readdirSync(join(ROOT, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('test/fitness/requirements') && idsIn(readFileSync(join(ROOT, path), 'utf8')).some((id) => ids.has(id)))
    .toSorted()

const REASONS = '.github/decisions/0014-rows-without-a-test.md'

/** Why a row has no test, by id: the rows of the decision record's table. */
export const readReasons = (): Readonly<Record<string, string>> => {
  let text = ''
  try {
    text = readFileSync(join(ROOT, REASONS), 'utf8')
  } catch {
    return {}
  }
  return Object.fromEntries([...text.matchAll(/^\| (\d-\d+) +\| (.+?) +\|$/gm)].map(([, id = '', reason = '']) => [id, reason]))
}
