import { createServer, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { freePort } from './free-port.ts'

/**
 * What becomes of one request: `pass` reaches the server; `answer` never does; `answer-lost` does, and its answer is cut off on the way back;
 * `rewrite` does, and its answer is replaced; `refused` cuts the connection before the server; `hang` says nothing until the proxy closes.
 */
export type Fault =
  | { readonly kind: 'pass' | 'answer-lost' | 'refused' | 'hang' }
  | { readonly kind: 'answer' | 'rewrite'; readonly status: number; readonly type: string; readonly body: string }

/** One request; `answer` is kept for the auth routes only, so that a test can search for tokens. */
export type Seen = { readonly method: string; readonly path: string; readonly authorization: string; answer?: string }

/** A reverse proxy in front of the demo that spoils chosen answers; the browser sees it as the only origin. */
export type FaultProxy = {
  readonly origin: string
  /** Requests in order of arrival, also those that were spoiled. */
  readonly seen: readonly Seen[]
  /** The next requests whose path starts with `path` meet these faults, in this order; later ones pass. */
  script(path: string, faults: readonly Fault[]): void
  /** No connection is taken until `up`; open ones are cut. */
  down(): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

export const HTML: Fault = { kind: 'answer', status: 200, type: 'text/html', body: '<!doctype html><title>Sign in to the network</title>' }
export const SERVER_ERROR: Fault = { kind: 'answer', status: 500, type: 'application/json', body: '{"code":"INTERNAL","message":"try later"}' }

const spoil = (fault: Extract<Fault, { kind: 'answer' | 'rewrite' }>, to: ServerResponse) => {
  to.writeHead(fault.status, { 'content-type': fault.type, 'cache-control': 'no-store' })
  to.end(fault.body)
}

const forward = (port: number, from: IncomingMessage, to: ServerResponse, fault: Fault, entry: Seen) => {
  const onward = request(
    { host: 'localhost', port, method: from.method, path: from.url, headers: { ...from.headers, host: `localhost:${port}` } },
    (answer) => {
      if (fault.kind === 'pass') {
        to.writeHead(answer.statusCode ?? 502, answer.headers)
        if (entry.path.startsWith('/auth/')) answer.on('data', (chunk: Buffer) => (entry.answer = (entry.answer ?? '') + chunk.toString()))
        answer.pipe(to)
        return
      }
      answer.resume()
      answer.once('end', () => (fault.kind === 'rewrite' ? spoil(fault, to) : to.destroy()))
    },
  )
  onward.once('error', () => to.destroy())
  from.pipe(onward)
}

export const startFaultProxy = async (upstreamPort: number): Promise<FaultProxy> => {
  const port = await freePort()
  const seen: Seen[] = []
  const scripts = new Map<string, Fault[]>()
  const sockets = new Set<Socket>()

  const server = createServer((from, to) => {
    const path = from.url ?? '/'
    const entry: Seen = { method: from.method ?? '', path, authorization: from.headers.authorization ?? '' }
    seen.push(entry)
    const script = [...scripts].find(([prefix]) => path.startsWith(prefix))?.[1]
    const fault = script?.shift() ?? { kind: 'pass' }
    if (fault.kind === 'hang') return
    if (fault.kind === 'refused') to.destroy()
    else if (fault.kind === 'answer') from.resume().once('end', () => spoil(fault, to))
    else forward(upstreamPort, from, to, fault, entry)
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  const up = () => new Promise<void>((resolve) => server.listen(port, 'localhost', resolve))
  const down = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  await up()
  return {
    origin: `http://localhost:${port}`,
    seen,
    script: (path, faults) => void scripts.set(path, [...faults]),
    down,
    up,
    close: async () => {
      if (server.listening) await down()
    },
  }
}
