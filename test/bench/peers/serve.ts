import * as Comlink from 'comlink'
import { scope } from './worker-scope.ts'

/** Where an intent is put and sent; a benchmark's own defaults otherwise. */
export type Target = { readonly queue?: number; readonly url?: string }

/** What a peer's worker does: answers when an intent is stored, sends what is stored, counts what is. */
export type PeerApi = {
  enqueue(key: string, params: Readonly<Record<string, string>>, target?: Target): Promise<void>
  release(): Promise<void>
  waiting(): Promise<number>
}

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
