import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { SourceFile } from './source-files.ts'

type Project = { readonly scripts: ReadonlySet<string>; exists(path: string): boolean }

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g
const CODE = /`([^`\n]+)`/g
const SCRIPT = /\bnpm (?:run ([\w:-]+)|(start|test)\b)/g
/** A path of this repository, alone in backticks: it starts with one of our folders or is a file at the top. */
const OUR_PATH =
  /^(?:\.\/)?(?:(?:src|sw|test|supabase|public|\.github|\.config|\.ci)\/[\w./-]*|(?:README|LICENSE|package|tsconfig|vite\.config)(?:\.\w+)?)$/

const all = (pattern: RegExp, text: string): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '')

/** What one document names: links (relative to it), paths and npm scripts. */
export const named = (text: string): { links: string[]; paths: string[]; scripts: string[] } => ({
  links: all(LINK, text).filter((link) => !/^(?:[a-z]+:|#)/.test(link)),
  paths: all(CODE, text).filter((code) => OUR_PATH.test(code)),
  scripts: all(SCRIPT, text),
})

export const projectAt = (root: string, scripts: Iterable<string>): Project => ({
  scripts: new Set(scripts),
  exists: (path) => existsSync(join(root, path)),
})

/** Everything that a document names and the project does not have, as `document: name`. */
export const missing = ({ path, text }: SourceFile, project: Project): string[] => {
  const { links, paths, scripts } = named(text)
  return [
    ...links.filter((link) => !project.exists(normalize(join(dirname(path), link.replace(/#.*$/, ''))))),
    ...paths.filter((name) => !project.exists(name)),
    ...scripts.filter((script) => !project.scripts.has(script)).map((script) => `npm run ${script}`),
  ].map((name) => `${path}: ${name}`)
}
