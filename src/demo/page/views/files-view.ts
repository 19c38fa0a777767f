import { FILES } from '../../actions/files.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { handleOutcome } from '../parts/handle-outcome.ts'
import { pageHead } from './page-head.ts'
import type { View } from './view.ts'

type Row = { readonly element: HTMLLIElement; refresh(): void }

const sized = (size: string | number): string =>
  typeof size === 'string' ? size : size < 1_000_000 ? `${Math.ceil(size / 1000)} kB` : `${(size / 1_000_000).toFixed(1)} MB`

const fileRow = (app: App, file: (typeof FILES)[number]): Row => {
  const outcome = h('div', { class: 'file-outcome' })
  let shownFor = ''
  const ask = async (): Promise<void> => {
    const handle = await app.client.execute('file.delete', { id: file.id }, { key: crypto.randomUUID() })
    if (handle.failure !== undefined) outcome.replaceChildren(handleOutcome(app, handle).element)
  }
  const button = h(
    'button',
    { type: 'button', class: 'button small', 'aria-label': `Delete ${file.name}`, onclick: () => void ask() },
    icon('trash'),
    'Delete',
  )
  const element = h(
    'li',
    { class: 'file' },
    h('span', { class: 'receipt-icon' }, icon('files')),
    h(
      'div',
      { class: 'file-main' },
      h('p', { class: 'file-name' }, file.name),
      h('p', { class: 'hint' }, `${file.id} · ${file.kind} · ${sized(file.size)} · ${file.owner}`),
      outcome,
    ),
    button,
  )
  const refresh = (): void => {
    const receipts = app.live.snapshot()?.receipts.filter(({ action, params }) => action === 'file.delete' && params['id'] === file.id) ?? []
    const gone = receipts.some(({ status }) => status === 'done')
    element.toggleAttribute('data-gone', gone)
    button.hidden = gone
    const newest = receipts[0]
    if (newest === undefined || newest.key === shownFor) return
    shownFor = newest.key
    void app.client.handle(newest.key).then((handle) => handle !== null && outcome.replaceChildren(handleOutcome(app, handle).element))
  }
  return { element, refresh }
}

/** The shared folder. Deleting cannot be undone, so it asks. */
export const filesView = (app: App): View => {
  const rows = FILES.map((file) => fileRow(app, file))
  app.live.watch(() => rows.forEach((row) => row.refresh()))
  return {
    id: 'files',
    title: 'Files',
    icon: 'files',
    element: h(
      'section',
      { class: 'view' },
      pageHead('Files', 'Deleting cannot be undone. So it is never done without a person’s yes.'),
      h('ul', { class: 'card files' }, ...rows.map((row) => row.element)),
    ),
  }
}
