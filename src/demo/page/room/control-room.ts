import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { auditSection } from './audit-section.ts'
import { connectionStrip } from './connection-strip.ts'
import { effectsSection } from './effects-section.ts'
import { gateSection } from './gate-section.ts'
import { memorySection } from './memory-section.ts'
import { outboxSection } from './outbox-section.ts'
import { receiptsSection } from './receipts-section.ts'
import { tabs } from './tabs.ts'

/** The side of MAESTRO that operators look at: beside the work on a wide screen, a place of its own on a phone. */
export const controlRoom = (app: App): HTMLElement =>
  h(
    'div',
    { class: 'room', id: 'room', role: 'complementary', 'aria-labelledby': 'room-title' },
    h('h2', { id: 'room-title', tabindex: '-1' }, 'Control room'),
    connectionStrip(app),
    tabs('Control room', [outboxSection(app), receiptsSection(app), auditSection(app), gateSection(app), effectsSection(app), memorySection(app)]),
  )
