/** Registration through workbox-window: the first install claims this page; an update waits for its hand-over. */
// The module build: the package's main entry is ES5 and half as large again.
import { Workbox } from 'workbox-window/Workbox.js'

export type Registration = {
  /** The worker to talk to: the controller, else the active one (a page loaded past the worker has no controller). */
  worker(): ServiceWorker | null
  handOver(): void
  /**
   * Where an update waits: resolves when it is in charge, after a second at the latest; `null` where none does. To be waited for when a worker is gone:
   * a message to the old one would start it anew, and the browser puts the update off for as long as messages come, minutes it may be.
   */
  inCharge(): Promise<unknown> | null
}

/** How long a first visit waits to be controlled; a hard reload never will be, and talks to the active worker instead. */
const CLAIM_MS = 10_000
/** An update is in charge within milliseconds of the old worker's end, if it wants to be. */
const IN_CHARGE_MS = 1_000

/** Another worker is in charge, or time is up. */
const controllerChange = (withinMs: number): Promise<unknown> =>
  Promise.race([
    new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true })),
    new Promise((resolve) => setTimeout(resolve, withinMs)),
  ])

export async function register(url: string, scope: string | undefined): Promise<Registration> {
  const workbox = new Workbox(url, { updateViaCache: 'none', ...(scope === undefined ? {} : { scope }) })
  const registration = await workbox.register({ immediate: true })
  const { serviceWorker } = navigator
  const isFirst = !serviceWorker.controller
  await serviceWorker.ready
  if (isFirst && !serviceWorker.controller) await controllerChange(CLAIM_MS)
  return {
    worker: () => serviceWorker.controller ?? registration?.active ?? null,
    handOver: () => workbox.messageSkipWaiting(),
    inCharge: () => (registration?.waiting ? controllerChange(IN_CHARGE_MS) : null),
  }
}
