import { defineMaestroOutbox, MaestroOutbox } from '../../../panel/index.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { describeAction } from '../parts/describe-action.ts'
import { editFields } from './edit-fields.ts'
import type { RoomSection } from './section.ts'
import { tryFailure } from './try-failure.ts'

/** Everything that is not finished or that failed: why it waits, until when, and what can be done about it. */
export const outboxSection = (app: App): RoomSection => {
  defineMaestroOutbox()
  const panel = document.createElement('maestro-outbox')
  if (panel instanceof MaestroOutbox) {
    panel.options = {
      describe: ({ action, params }) => describeAction(action, params),
      fields: ({ action }) => editFields(action),
      review: app.review,
      signIn: () => void app.client.signIn({ email: `${app.user}@example.com`, password: app.user }),
    }
    panel.maestro = app.client
  }
  return {
    id: 'outbox',
    title: 'Outbox',
    count: (show) => void app.live.watch(({ waiting, attention }) => show(Math.max(waiting, attention))),
    element: h('div', {}, panel, tryFailure(app)),
  }
}
