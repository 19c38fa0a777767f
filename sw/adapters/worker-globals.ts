/** The small ports over what a service worker's global scope offers: time, randomness, network state, locks, pages. */
import { bytesToHex } from '../../src/base/bytes.ts'
import type { WorkerMessage } from '../../src/protocol/messages.ts'
import type { Clock } from '../ports/clock.ts'
import type { Lock } from '../ports/lock.ts'
import type { Network } from '../ports/network.ts'
import type { Pages } from '../ports/pages.ts'
import type { Random } from '../ports/random.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const timer = setTimeout(resolve, ms)
      signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
    }),
}

export const systemRandom: Random = {
  hex: (count) => bytesToHex(crypto.getRandomValues(new Uint8Array(count))),
  unit: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
}

export const browserNetwork: Network = { online: () => navigator.onLine }

export const webLock: Lock = { hold: async (name, work) => navigator.locks.request(name, work) }

/** A list of pages is good for this long: a burst of changes asks the browser once. */
const PAGES_MS = 250

export type WindowPages = Pages & {
  /**
   * Somebody spoke: a page that was not heard before is looked up with the next message. One that brought a port is told everything
   * through it from then on, in order: straight to the page, past the browser's process. What it says there is for `hear`.
   */
  heard(event: ExtendableMessageEvent, hear: (event: MessageEvent) => void): void
  answer(event: ExtendableMessageEvent, message: WorkerMessage): void
}

type Page = Pick<Client, 'id' | 'postMessage'>

export const windowPages = (scope: ServiceWorkerGlobalScope): WindowPages => {
  let listed: { readonly at: number; readonly pages: Promise<readonly WindowClient[]> } | null = null
  const list = (): Promise<readonly WindowClient[]> => {
    const pages = scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
    listed = { at: performance.now(), pages }
    return pages
  }
  const ports = new Map<string, MessagePort>()
  const post = (page: Page, message: WorkerMessage): void => (ports.get(page.id) ?? page).postMessage(message)
  return {
    heard({ source, ports: [port] }, hear) {
      const { id } = Object(source) as Page
      if (port || !ports.has(id)) listed = null
      if (!port) return
      ports.set(id, port)
      port.onmessage = hear
    },
    answer({ source }, message) {
      if (source) post(source as Page, message)
    },
    async broadcast(message: WorkerMessage) {
      for (const page of await (listed && performance.now() - listed.at < PAGES_MS ? listed.pages : list())) post(page, message)
    },
    isAnyOpen: async () => (await list()).length > 0,
    async sendToOne(message: WorkerMessage) {
      const pages = await list()
      const page = pages.find(({ visibilityState }) => visibilityState === 'visible') ?? pages[0]
      if (page) post(page, message)
      return page !== undefined
    },
  }
}
