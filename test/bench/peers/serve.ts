import * as Comlink from 'comlink'
import { scope } from './worker-scope.ts'

/** What every peer does with an intent: answers when it is stored. */
export type PeerApi = { enqueue(key: string, params: Readonly<Record<string, string>>): Promise<void> }

/** Serves calls that ride on message events, each kept alive until answered: our carrier, without guard, gate and schema. */
export const serve = (api: PeerApi): void => {
  scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()))
  scope.addEventListener('message', (event) => {
    const answered = new Promise<void>((resolve) => {
      Comlink.expose(api, {
        postMessage(answer: unknown) {
          event.source?.postMessage(answer)
          resolve()
        },
        addEventListener: (_type, listener) => {
          const call = { data: event.data, origin: '' } as unknown as MessageEvent
          if (typeof listener === 'function') listener(call)
          else listener.handleEvent(call)
        },
        removeEventListener: () => undefined,
      })
    })
    event.waitUntil(answered)
  })
}
