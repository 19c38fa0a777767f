/// <reference lib="webworker" />
/** A notification when an approval waits and no page is in sight: `maestro-sw/notices`. */
import { createNotices } from '../adapters/worker-notices.ts'
import type { Kit } from '../runtime/kit.ts'
import { createNoticesKit } from '../runtime/notices.ts'

declare const self: ServiceWorkerGlobalScope

/**
 * The app asks for the permission (`Notification.requestPermission()`, in a click); without it nothing is shown. A click on the notification brings
 * an open page to the front, or opens `url`; the decision is made there.
 */
export const notices = (options: { readonly url?: string } = {}): Kit => createNoticesKit(createNotices(self, options.url ?? '/'))
