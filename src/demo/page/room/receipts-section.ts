import { TERMINAL } from '../../../protocol/views.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { receiptList } from '../parts/receipt-list.ts'
import type { RoomSection } from './section.ts'
import { sharedLedger } from './shared-ledger.ts'

/** Everything that is decided for good. */
export const receiptsSection = (app: App): RoomSection => ({
  id: 'receipts',
  title: 'Receipts',
  element: h(
    'div',
    {},
    h('p', { class: 'hint' }, 'What was decided and done. A receipt never changes again.'),
    sharedLedger(app),
    receiptList(app, { label: 'Finished', pick: ({ status }) => TERMINAL.has(status), empty: 'No receipts yet.', max: 40 }),
  ),
})
