/** Registration through workbox-window: the first install claims this page; an update waits for its hand-over. */
// The module build: the package's main entry is ES5 and half as large again.
import { Workbox } from 'workbox-window/Workbox.js'

export type Registration = {
  /** The worker to talk to: the controller, else the active one (a page loaded past the worker has no controller). */
  worker(): ServiceWorker | null
  handOver(): void
}

/** How long a first visit waits to be controlled; a hard reload never will be, and talks to the active worker instead. */
const CLAIM_MS = 10_000

export async function register(url: string, scope: string | undefined): Promise<Registration> {
  const workbox = new Workbox(url, { updateViaCache: 'none', ...(scope === undefined ? {} : { scope }) })
  const registration = await workbox.register({ immediate: true })
  const { serviceWorker } = navigator
  const isFirst = !serviceWorker.controller
  await serviceWorker.ready
  if (isFirst && !serviceWorker.controller) {
    await Promise.race([
      new Promise((resolve) => serviceWorker.addEventListener('controllerchange', resolve, { once: true })),
      new Promise((resolve) => setTimeout(resolve, CLAIM_MS)),
    ])
  }
  return { worker: () => serviceWorker.controller ?? registration?.active ?? null, handOver: () => workbox.messageSkipWaiting() }
}
