import { TERMINAL } from '../../../protocol/views.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { receiptList } from '../parts/receipt-list.ts'
import type { RoomSection } from './section.ts'

/** Everything that is not finished, with why it waits and until when. */
export const outboxSection = (app: App): RoomSection => ({
  id: 'outbox',
  title: 'Outbox',
  count: (show) => void app.live.watch((snapshot) => show(snapshot.waiting)),
  element: h(
    'div',
    {},
    h('p', { class: 'hint' }, 'What waits, why, and until when. Nothing here is lost when you close the page.'),
    receiptList(app, { label: 'Waiting', pick: ({ status }) => !TERMINAL.has(status), empty: 'Nothing waits.', max: 40 }),
  ),
})
