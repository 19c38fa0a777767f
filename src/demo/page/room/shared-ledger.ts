import * as v from '../../../protocol/schema.ts'
import type { ReceiptView } from '../../../protocol/views.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { describeAction } from '../parts/describe-action.ts'
import { formatTime } from '../parts/format-time.ts'

const RunsSchema = v.object({
  items: v.array(v.object({ idempotency_key: v.string(), action: v.string(), state: v.string(), created_at: v.string() })),
})
type Run = v.InferOutput<typeof RunsSchema>['items'][number]

const SHOWN = 40

const ask = async (app: App): Promise<readonly Run[]> => {
  // Only who asks pays for supabase-js. The local gateway wants no public key, supabase-js does.
  const { createReader } = await import('../../../reader/index.ts')
  const reader = createReader(app.client, { url: location.origin, anonKey: 'local' })
  const { data, error } = await reader.functions.invoke(`maestro-sync/runs?limit=${SHOWN}`, { method: 'GET' })
  if (error !== null) throw error
  return v.parse(RunsSchema, data).items
}

const row = (run: Run, here: ReceiptView | null): HTMLElement => {
  const words = describeAction(run.action, here?.params ?? {})
  return h(
    'li',
    { class: 'receipt' },
    h('span', { class: 'receipt-icon' }, icon(words.icon)),
    h(
      'div',
      { class: 'receipt-main' },
      h('p', { class: 'receipt-title' }, here === null ? run.action : words.title),
      h('p', { class: 'receipt-detail' }, `there: ${run.state} · here: ${here?.status ?? 'another device’s'}`),
      h('p', { class: 'receipt-by' }, formatTime(run.created_at), ' · key ', h('code', {}, run.idempotency_key.slice(-8))),
    ),
  )
}

/** The server's own list beside this device's, asked by the page by the worker's session. */
export const sharedLedger = (app: App): HTMLElement => {
  const said = h('p', { class: 'hint', role: 'status' })
  const list = h('ul', { class: 'receipts', 'aria-label': 'What the shared ledger holds', hidden: true })
  const compare = async (): Promise<void> => {
    said.textContent = 'Asking …'
    try {
      const runs = await ask(app)
      const here = await Promise.all(runs.map((run) => app.client.receipt(run.idempotency_key)))
      list.replaceChildren(...runs.map((run, index) => row(run, here[index] ?? null)))
      list.hidden = runs.length === 0
      const same = runs.filter((run, index) => here[index]?.status === run.state).length
      const others = here.filter((receipt) => receipt === null).length
      const differ = runs.length - same - others
      said.textContent =
        runs.length === 0
          ? 'It holds nothing of yours yet.'
          : [
              `${same} of ${runs.length} stand there as they stand here`,
              ...(differ > 0 ? [`${differ} are not the same yet`] : []),
              ...(others > 0 ? [`${others} are another device’s`] : []),
            ].join(', ') + '.'
    } catch {
      said.textContent = `The shared ledger does not answer now.${list.hidden ? '' : ' This is what it said last.'}`
    }
  }
  const element: HTMLDetailsElement = h(
    'details',
    { class: 'compare', ontoggle: () => element.open && void compare() },
    h('summary', {}, 'Compare with the shared ledger'),
    h('p', { class: 'hint' }, 'Your devices share a ledger. It knows what was done, not what was in it.'),
    said,
    list,
  )
  return element
}
