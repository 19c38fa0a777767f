import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { refuse } from './answer.ts'
import { siteFiles } from './site-files.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** Also holds for the worker: its own script's policy decides where it may connect. */
const POLICY = [
  "default-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ')

/** The one script that may compile WebAssembly. */
const POLICIES: Readonly<Record<string, string>> = { '/sw-infer.js': `${POLICY}; script-src 'self' 'wasm-unsafe-eval'` }

const decode = (pathname: string): string | null => {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return null
  }
}

/**
 * Serves the files that stand in the folder now, by exact path. A path that was not listed does not exist, so nothing outside
 * the folder can be named; `/` is the page, and there is no other fallback.
 */
export const staticSite = async (folder: string): Promise<(request: Request) => Response> => {
  const entries = siteFiles(folder).map(async (path) => [path, new Uint8Array(await readFile(join(folder, path)))] as const)
  const files = new Map(await Promise.all(entries))
  return (request) => {
    const pathname = decode(new URL(request.url).pathname)
    const path = pathname === '/' ? '/index.html' : pathname
    const bytes = path === null ? undefined : files.get(path)
    if (path === null || bytes === undefined) return refuse(404, 'NOT_FOUND', 'There is nothing at this address.')
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(405, 'METHOD_REFUSED', 'This address is read only.', { allow: 'GET, HEAD' })
    return new Response(bytes, {
      headers: {
        'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
        'content-length': String(bytes.length),
        'cache-control': 'no-store',
        'content-security-policy': POLICIES[path] ?? POLICY,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      },
    })
  }
}
