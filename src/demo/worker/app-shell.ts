/// <reference lib="webworker" />
/** The demo's app shell: every file of the build is kept at install, so that the workspace opens with no network. */
declare const self: ServiceWorkerGlobalScope
declare const __SHELL__: { readonly digest: string; readonly files: readonly string[] }

const PREFIX = 'workspace-shell-'

/** How long a navigation waits for the network before the kept page is shown. */
const PATIENCE_MS = 3_000

async function fromNetworkFirst(request: Request, kept: string): Promise<Response> {
  const cached = async (): Promise<Response | undefined> => caches.match(kept, { ignoreSearch: true })
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) })
    return response.ok ? response : ((await cached()) ?? response)
  } catch {
    return (await cached()) ?? Response.error()
  }
}

export function keepAppShell(): void {
  const name = `${PREFIX}${__SHELL__.digest}`
  const files = new Set(__SHELL__.files)

  self.addEventListener('install', (event) => {
    event.waitUntil(caches.open(name).then((cache) => cache.addAll(__SHELL__.files.map((file) => new Request(file, { cache: 'reload' })))))
  })

  self.addEventListener('activate', (event) => {
    const isOld = (key: string): boolean => key.startsWith(PREFIX) && key !== name
    event.waitUntil(caches.keys().then((keys) => Promise.all(keys.filter(isOld).map((key) => caches.delete(key)))))
  })

  self.addEventListener('fetch', (event) => {
    const url = new URL(event.request.url)
    if (url.origin !== self.location.origin || event.request.method !== 'GET') return
    // The page itself comes from the network when it can: a build that was switched off must be able to say so.
    if (event.request.mode === 'navigate' && url.pathname === '/') event.respondWith(fromNetworkFirst(event.request, '/'))
    else if (files.has(url.pathname)) event.respondWith(caches.match(url.pathname).then((kept) => kept ?? fetch(event.request)))
  })
}
