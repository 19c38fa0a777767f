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

export const windowPages = (scope: ServiceWorkerGlobalScope): Pages => {
  const all = (): Promise<readonly WindowClient[]> => scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
  return {
    async broadcast(message: WorkerMessage) {
      for (const page of await all()) page.postMessage(message)
    },
    async sendToOne(message: WorkerMessage) {
      const pages = await all()
      const page = pages.find(({ visibilityState }) => visibilityState === 'visible') ?? pages[0]
      page?.postMessage(message)
      return page !== undefined
    },
  }
}
