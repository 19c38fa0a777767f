import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const UNSUPPORTED = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])
/** Answers under way may finish within this time before their connections are cut. */
const DRAIN_MS = 1_000

/** A host that was told to stop a moment ago still lets go of its port. */
const FREE_WAIT_MS = 3_000
const FREE_POLL_MS = 250

export type Listening = { readonly port: number; close(): Promise<void> }

const bind = (listener: RequestListener, host: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(listener)
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(taken ? new Error(`port ${port} is in use; choose another one: PORT=${port === 65_535 ? 5173 : port + 1} npm start`) : error)
    })
    server.listen({ host, port }, () => resolve(server))
  })

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })

/** Listens on both loopback addresses, because browsers resolve `localhost` to either. Rejects with a clear message when the port is taken. */
export const listen = async (listener: RequestListener, port: number): Promise<Listening> => {
  const first = await bind(listener, '127.0.0.1', port)
  const bound = (first.address() as AddressInfo).port
  const servers = [first]
  try {
    servers.push(await bind(listener, '::1', bound))
  } catch (error) {
    if (!UNSUPPORTED.has((error as NodeJS.ErrnoException).code ?? '')) {
      await close(first)
      throw error
    }
  }
  return { port: bound, close: async () => void (await Promise.all(servers.map(close))) }
}

/**
 * Rejects when the port stays taken. Asked before the long work of a start, so that the person hears of it at once; the port
 * is not kept, because a refused connection tells a waiting worker "offline" and costs it no attempt.
 */
export const portIsFree = async (port: number): Promise<void> => {
  if (port === 0) return
  const giveUp = performance.now() + FREE_WAIT_MS
  for (;;) {
    try {
      return await (await listen((_, outgoing) => outgoing.destroy(), port)).close()
    } catch (error) {
      if (performance.now() > giveUp) throw error
    }
    await sleep(FREE_POLL_MS)
  }
}
