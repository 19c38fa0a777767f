import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { listener } from '../../src/demo/host/node-adapter.ts'
import { createFarEnd, type FarEnd } from './far-end.ts'

/** Isolated, because only then has `performance.now()` a resolution of 5 µs instead of 100. */
const HEADERS = { 'cache-control': 'no-store', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }

export type Site = {
  readonly origin: string
  readonly farEnd: FarEnd
  /** Delays everything but pages and scripts from now on: the length of the link. */
  linkMs(ms: number): void
  /** Ends every connection with its answer from now on. A browser itself repeats a request whose reused connection ends unanswered, whatever the library. */
  endConnections(): void
  /** Resolves when nothing has been asked for so long, or the time is over. */
  quiet(forMs: number, withinMs: number): Promise<void>
  /** Another origin of the same pages, with storage of its own. */
  another(): Promise<string>
  /** Lets this answer what is below `/auth/` and `/functions/`. */
  attach(handle: ((request: Request) => Promise<Response | null>) | null): void
  close(): void
}

/** Serves the scripts from memory. Pages: `/{side}/page` and `/{side}/cold`. */
export const openSite = async (texts: ReadonlyMap<string, string>): Promise<Site> => {
  let link = 0
  let lastAskedAt = 0
  let keepsConnections = true
  let attached: RequestListener | null = null
  const servers: Server[] = []
  const farEnd = createFarEnd(() => link)

  const page = (path: string): readonly [type: string, body: string] | null => {
    const script = texts.get(path)
    if (script !== undefined) return ['text/javascript; charset=utf-8', script]
    if (texts.has(`${path}.js`))
      return ['text/html; charset=utf-8', `<!doctype html><title>bench</title><script type="module" src="${path}.js"></script>`]
    return null
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    lastAskedAt = performance.now()
    response.shouldKeepAlive &&= keepsConnections
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const found = page(path)
    if (found) return void response.writeHead(200, { ...HEADERS, 'content-type': found[0] }).end(found[1])
    if (farEnd.handle(request, response, HEADERS)) return
    if (link > 0) await sleep(link)
    if (attached && /^\/(auth|functions)\//.test(path)) return void attached(request, response)
    const json = path === '/api/fast' ? '{}' : path === '/maestro-flag.json' ? '{"enabled":true}' : null
    response
      .writeHead(json === null ? 404 : 200, { ...HEADERS, 'content-type': json === null ? 'text/plain' : 'application/json' })
      .end(json ?? undefined)
  }

  const open = async (): Promise<string> => {
    const server = createServer((request, response) => void answer(request, response).catch(() => request.socket.destroy()))
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://localhost:${(server.address() as AddressInfo).port}`
  }

  return {
    origin: await open(),
    farEnd,
    linkMs: (ms) => {
      link = ms
    },
    endConnections: () => {
      keepsConnections = false
    },
    quiet: async (forMs, withinMs) => {
      const until = performance.now() + withinMs
      while (performance.now() - lastAskedAt < forMs && performance.now() < until) await sleep(20)
    },
    another: open,
    attach: (handle) => {
      attached = handle
        ? listener(
            async (request) => (await handle(request)) ?? new Response(null, { status: 404 }),
            () => undefined,
          )
        : null
    },
    close: () => {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}
