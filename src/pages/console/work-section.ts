import { h } from '../../demo/page/dom/h.ts'
import { read } from './api.ts'
import { listAt, numberAt, type Picture } from './picture.ts'
import { table } from './table.ts'
import { count, moment } from './words.ts'

type Row = Readonly<Record<string, unknown>>

const receiptRow = (row: Row) => [
  h('code', {}, String(row['idempotency_key'] ?? '–')),
  String(row['action'] ?? '–'),
  String(row['state'] ?? '–'),
  String(row['lane'] ?? '–'),
  h('code', {}, String(row['device_id'] ?? '–').slice(0, 12)),
  moment(row['created_at']),
]

const HEADS = ['Key', 'Action', 'State', 'Lane', 'Device', 'Claimed']

/** What waits on devices, what asks a person there, and what was claimed and never finished. */
export const workSection = (): { readonly element: HTMLElement; show(picture: Picture): void } => {
  const figures = h('div', { class: 'figures' })
  const devices = h('div', {})
  const receipts = h('div', { 'aria-live': 'polite' })
  const list = async (query: Readonly<Record<string, string>>, caption: string): Promise<void> => {
    receipts.replaceChildren(h('p', {}, 'Reading…'))
    const told = await read<{ readonly items: readonly Row[] }>('/api/receipts', { limit: '50', ...query })
    if (!told.ok) receipts.replaceChildren(h('p', { class: 'missing' }, `Not to be had now: ${told.message}`))
    else if (told.value.items.length === 0) receipts.replaceChildren(h('p', {}, `${caption}: none.`))
    else receipts.replaceChildren(table(caption, HEADS, told.value.items.map(receiptRow)))
  }
  const ask = (label: string, query: Readonly<Record<string, string>>): HTMLElement =>
    h('button', { type: 'button', onclick: () => void list(query, label) }, label)
  const element = h(
    'section',
    { id: 'work', 'aria-labelledby': 'work-title' },
    h('h2', { id: 'work-title' }, 'Work'),
    figures,
    devices,
    h(
      'div',
      { class: 'row' },
      ask('Stuck', { stuck: '' }),
      ask('Claimed', { status: 'claimed' }),
      ask('Dead', { status: 'dead' }),
      ask('Newest', {}),
    ),
    receipts,
  )
  return {
    element,
    show(picture) {
      const said = listAt(picture.devices, 'items')
      const sum = (name: string): number | null =>
        picture.devices.ok ? said.reduce((total, one) => total + (typeof one[name] === 'number' ? one[name] : 0), 0) : null
      const figure = (words: string, value: number | null) => h('p', { class: 'figure' }, h('strong', {}, count(value)), ` ${words}`)
      figures.replaceChildren(
        figure('wait in outboxes', sum('waiting')),
        figure('ask a person', sum('awaiting_approval')),
        figure('stuck', numberAt(picture.signals, 'stuck', 'count')),
        figure('finished', numberAt(picture.state, 'receipts', 'done')),
      )
      devices.replaceChildren(
        picture.devices.ok
          ? h(
              'details',
              {},
              h(
                'summary',
                {},
                `${said.length} ${said.length === 1 ? 'device' : 'devices'} reported today; what waits is known as of each device’s last report`,
              ),
              table(
                'Devices',
                ['Device', 'Tenant', 'Waiting', 'Asking', 'Reported'],
                said.map((one) => [
                  h('code', {}, String(one['device_id'] ?? '–').slice(0, 16)),
                  String(one['tenant_id'] ?? '–'),
                  String(one['waiting'] ?? '–'),
                  String(one['awaiting_approval'] ?? '–'),
                  moment(one['updated_at']),
                ]),
              ),
            )
          : h('p', { class: 'missing' }, `Devices are not known: ${picture.devices.message}`),
      )
    },
  }
}
