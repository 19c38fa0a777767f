import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildBundle } from '../fitness/bundle-report.ts'
import { ROOT } from '../fitness/source-files.ts'

/** Path → entry of its bundle. Every side has a folder, and so a worker scope, of its own. */
const SCRIPTS: Readonly<Record<string, URL>> = {
  '/ours/page.js': new URL('./ours/page.ts', import.meta.url),
  '/ours/sw.js': new URL('./ours/worker.ts', import.meta.url),
  '/ours/cold.js': new URL('./pages/cold.ts', import.meta.url),
  '/workbox/page.js': new URL('./peers/page.ts', import.meta.url),
  '/workbox/sw.js': new URL('./peers/workbox-worker.ts', import.meta.url),
  '/bare/page.js': new URL('./peers/page.ts', import.meta.url),
  '/bare/sw.js': new URL('./peers/bare-worker.ts', import.meta.url),
  '/minimal/cold.js': new URL('./pages/cold.ts', import.meta.url),
  '/minimal/sw.js': new URL('./peers/minimal-worker.ts', import.meta.url),
}

/** Isolated, because only then has `performance.now()` a resolution of 5 µs instead of 100. */
const HEADERS = { 'cache-control': 'no-store', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }

export type Site = { readonly origin: string; close(): void }

/** Builds all bundles as an app would and serves them from memory. Pages: `/{side}/page` and `/{side}/cold`. */
export const openSite = async (): Promise<Site> => {
  const texts = new Map<string, string>()
  for (const [path, entry] of Object.entries(SCRIPTS)) texts.set(path, (await buildBundle(relative(ROOT, fileURLToPath(entry)))).text)

  const answer = (path: string): readonly [type: string, body: string] | null => {
    const script = texts.get(path)
    if (script !== undefined) return ['text/javascript; charset=utf-8', script]
    if (texts.has(`${path}.js`))
      return ['text/html; charset=utf-8', `<!doctype html><title>bench</title><script type="module" src="${path}.js"></script>`]
    if (path === '/api/fast') return ['application/json', '{}']
    if (path === '/maestro-flag.json') return ['application/json', '{"enabled":true}']
    return null
  }

  const server = createServer((request, response) => {
    const found = answer(new URL(request.url ?? '/', 'http://localhost').pathname)
    response.writeHead(found ? 200 : 404, { ...HEADERS, 'content-type': found?.[0] ?? 'text/plain' }).end(found?.[1])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
