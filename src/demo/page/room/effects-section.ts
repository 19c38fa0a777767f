import * as v from '../../../protocol/schema.ts'
import type { App } from '../app/app.ts'
import type { JsonObject } from '../../../base/json.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { describeAction } from '../parts/describe-action.ts'
import { formatTime } from '../parts/format-time.ts'
import type { RoomSection } from './section.ts'

const EffectsSchema = v.array(
  v.object({
    idempotency_key: v.string(),
    action: v.string(),
    params: v.record(v.string(), v.unknown()),
    applied_at: v.union([v.string(), v.number()]),
  }),
)
type Effect = v.InferOutput<typeof EffectsSchema>[number]

const SHOWN = 40
/** Snapshots come in bursts; one question after a burst is enough. */
const SETTLE_MS = 500

const row = (effect: Effect): HTMLElement => {
  const words = describeAction(effect.action, effect.params as JsonObject)
  return h(
    'li',
    { class: 'receipt' },
    h('span', { class: 'receipt-icon' }, icon(words.icon)),
    h(
      'div',
      { class: 'receipt-main' },
      h('p', { class: 'receipt-title' }, words.title),
      h('p', { class: 'receipt-detail' }, words.detail),
      h('p', { class: 'receipt-by' }, formatTime(effect.applied_at), ' · key ', h('code', {}, effect.idempotency_key.slice(-8))),
    ),
  )
}

/** What the back end says it really did: the other side of every receipt. */
export const effectsSection = (app: App): RoomSection => {
  const list = h('ul', { class: 'receipts', 'aria-label': 'What really happened at the back end' })
  const state = h('p', { class: 'hint' }, 'Not asked yet.')
  let open = false
  let timer: ReturnType<typeof setTimeout> | null = null
  let seen = ''
  const load = async (): Promise<void> => {
    try {
      const answer = await fetch('/api/demo/effects', { cache: 'no-store' })
      const effects = v.safeParse(EffectsSchema, await answer.json())
      if (!effects.success) throw new Error('unreadable')
      list.replaceChildren(...effects.output.slice(-SHOWN).toReversed().map(row))
      state.textContent =
        effects.output.length === 0 ? 'Nothing has happened at the back end yet.' : `${effects.output.length} effects, newest first.`
    } catch {
      state.textContent = 'The back end cannot be reached now. This is what it said last.'
    }
  }
  app.live.watch((snapshot) => {
    const done = snapshot.receipts
      .filter(({ status }) => status === 'done')
      .map(({ key }) => key)
      .join()
    if (!open || done === seen || timer !== null) return
    seen = done
    timer = setTimeout(() => {
      timer = null
      void load()
    }, SETTLE_MS)
  })
  return {
    id: 'effects',
    title: 'Effects',
    enter: () => {
      open = true
      void load()
    },
    element: h(
      'div',
      {},
      h('p', { class: 'receipt-title' }, 'What really happened at the back end'),
      h('div', { class: 'row' }, h('button', { type: 'button', class: 'button small', onclick: () => void load() }, icon('reset'), 'Ask again')),
      state,
      list,
    ),
  }
}
