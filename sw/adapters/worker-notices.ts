/// <reference lib="webworker" />
import type { Notices } from '../ports/notices.ts'

const PREFIX = 'maestro-approval-'

/** Notifications of a service worker. A click leads to a page and decides nothing: an approval is only ever given in a page. */
export function createNotices(worker: ServiceWorkerGlobalScope, url: string): Notices {
  const pages = () => worker.clients.matchAll({ type: 'window', includeUncontrolled: true })

  async function open(): Promise<void> {
    const [page] = await pages()
    if (page) await page.focus()
    else await worker.clients.openWindow(url)
  }

  worker.addEventListener('notificationclick', (event) => {
    if (!event.notification.tag.startsWith(PREFIX)) return
    event.notification.close()
    event.waitUntil(open().catch(() => undefined))
  })

  return {
    isInSight: async () => (await pages()).some(({ visibilityState }) => visibilityState === 'visible'),
    show: async ({ tag, title, body }) => {
      if (Notification.permission === 'granted') await worker.registration.showNotification(title, { tag: PREFIX + tag, body }).catch(() => undefined)
    },
    close: async (tag) => {
      const shown = await worker.registration.getNotifications({ tag: PREFIX + tag }).catch(() => [])
      for (const notification of shown) notification.close()
    },
  }
}
