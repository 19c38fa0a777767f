import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { siteFiles } from './site-files.ts'

/** What the demo's worker keeps so that the page opens offline: URL paths, and a digest that changes with any byte of them. */
export type AppShell = { readonly digest: string; readonly files: readonly string[] }

/** The workers are no part of what they keep, nor is a runtime larger than all of it; the static flag must never come from a cache. */
const NEVER_KEPT = new Set(['/sw.js', '/sw-infer.js', '/ort-wasm-simd-threaded.wasm', '/maestro-flag.json'])

/** The app shell of a site that was built into this folder; the page itself is kept under `/`. */
export const appShell = (folder: string): AppShell => {
  const files = siteFiles(folder).filter((path) => !NEVER_KEPT.has(path))
  const hash = createHash('sha256')
  for (const path of files)
    hash.update(`${path}\0`).update(
      createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest(),
    )
  return { digest: hash.digest('hex'), files: files.map((path) => (path === '/index.html' ? '/' : path)) }
}
