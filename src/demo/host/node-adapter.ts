import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { refuse } from './answer.ts'
import { isLoopbackHost } from './loopback.ts'

/** No route takes more than its own, smaller limit; this one bounds memory before a route is known. */
const BODY_BYTES_MAX = 4 * 1024 * 1024

export type Handler = (request: Request) => Promise<Response>

const readBody = async (incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | null> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_BYTES_MAX) return null
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

const toRequest = async (incoming: IncomingMessage, signal: AbortSignal): Promise<Request | Response> => {
  const host = incoming.headers.host ?? ''
  if (!isLoopbackHost(host)) return refuse(403, 'HOST_REFUSED', 'This server answers localhost only.')
  const target = incoming.url ?? ''
  const url = `http://${host}${target}`
  if (!target.startsWith('/') || !URL.canParse(url)) return refuse(400, 'TARGET_INVALID', 'The request target is not a path.')
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  const method = incoming.method ?? 'GET'
  if (['TRACE', 'TRACK', 'CONNECT'].includes(method)) return refuse(405, 'METHOD_REFUSED', 'This method is not used here.')
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers, signal })
  const body = await readBody(incoming)
  if (body === null) return refuse(413, 'BODY_TOO_LARGE', 'The request is too large.', { connection: 'close' })
  return new Request(url, { method, headers, signal, body })
}

const send = async (outgoing: ServerResponse, response: Response, withBody: boolean): Promise<void> => {
  response.headers.forEach((value, name) => outgoing.setHeader(name, value))
  outgoing.setHeader('x-content-type-options', 'nosniff')
  outgoing.writeHead(response.status)
  if (response.body === null || !withBody) {
    await response.body?.cancel()
    outgoing.end()
    return
  }
  await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), outgoing)
}

/** Node's listener for a handler on Web requests. A handler that throws becomes a coded 500; a client that left aborts its request. */
export const listener =
  (handle: Handler, log: (line: string) => void): RequestListener =>
  (incoming, outgoing) => {
    const gone = new AbortController()
    outgoing.once('close', () => gone.abort())
    const serve = async (): Promise<void> => {
      const request = await toRequest(incoming, gone.signal)
      const response = request instanceof Response ? request : await handle(request)
      if (!outgoing.destroyed) await send(outgoing, response, incoming.method !== 'HEAD')
    }
    serve().catch((error: unknown) => {
      if (outgoing.destroyed || outgoing.headersSent) return void outgoing.destroy()
      log(`request failed: ${incoming.method} ${(incoming.url ?? '').split('?')[0]}: ${error instanceof Error ? error.message : 'unknown'}`)
      void send(outgoing, refuse(500, 'HOST_FAULT', 'The host failed to answer.'), true).catch(() => outgoing.destroy())
    })
  }
