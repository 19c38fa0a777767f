/** A peer's page: Comlink over message events, as ours, and nothing else. */
import * as Comlink from 'comlink'
import { INTENT } from '../pages/intent.ts'
import { publish } from '../pages/publish.ts'
import { publishQueue } from '../pages/publish-queue.ts'
import type { PeerApi } from './serve.ts'

const { serviceWorker } = navigator
const registration = await serviceWorker.register('./sw.js')
await serviceWorker.ready

const listeners = new Set<EventListenerOrEventListenerObject>()
serviceWorker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const event = new MessageEvent('message', { data })
  for (const listener of listeners) {
    if (typeof listener === 'function') listener(event)
    else listener.handleEvent(event)
  }
})
serviceWorker.startMessages()

const proxy = Comlink.wrap<PeerApi>({
  postMessage: (message: unknown) => registration.active?.postMessage(message),
  addEventListener: (_type, listener) => void listeners.add(listener),
  removeEventListener: (_type, listener) => void listeners.delete(listener),
})

publish(async () => {
  await proxy.enqueue(crypto.randomUUID(), INTENT)
})

publishQueue({
  put: async (key, lane, queue) => {
    await proxy.enqueue(key, INTENT, { queue, url: `/api/far/${lane}` })
  },
  // A replay lasts as long as the far end lets it; nobody waits for its answer.
  release: () => void proxy.release().catch(() => undefined),
  waiting: async () => proxy.waiting(),
})
