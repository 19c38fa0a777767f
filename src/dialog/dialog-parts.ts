import { h, write } from './h.ts'
import { STYLES } from './styles.ts'

export type DialogParts = {
  readonly dialog: HTMLDialogElement
  readonly lane: HTMLElement
  readonly heading: HTMLElement
  readonly gist: HTMLElement
  /** What scrolls: everything but the buttons. */
  readonly body: HTMLElement
  readonly details: HTMLElement
  readonly status: HTMLElement
  readonly alert: HTMLElement
  readonly change: HTMLButtonElement
  readonly more: HTMLButtonElement
  readonly approve: HTMLButtonElement
  readonly deny: HTMLButtonElement
  readonly previous: HTMLButtonElement
  readonly next: HTMLButtonElement
  readonly list: HTMLButtonElement
  readonly pill: HTMLButtonElement
  /** How many wait, while the dialog is put aside. */
  readonly showPill: (count: number, dismissed: boolean) => void
  /** The last decision, while no dialog is open. */
  readonly told: HTMLElement
  /** Where in the queue the shown approval stands; `stuck` while stepping is not possible. */
  readonly showPlace: (position: number, count: number, stuck: boolean) => void
}

const button = (name: string, attributes: Readonly<Record<string, string>>): HTMLButtonElement => h('button', { type: 'button', ...attributes }, name)

/** Builds the dialog's fixed skeleton into a shadow root, once per element. */
export const dialogParts = (root: ShadowRoot): DialogParts => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLES)
  root.adoptedStyleSheets = [sheet]
  const lane = h('span', { class: 'lane' })
  const heading = h('h2', { id: 'title', tabindex: '-1' }, 'An action')
  const gist = h('p', {})
  const place = h('span', { role: 'status' })
  const previous = button('‹', { 'aria-label': 'Previous request' })
  const next = button('›', { 'aria-label': 'Next request' })
  const list = button('☰', { 'aria-label': 'List all requests' })
  const bar = h(
    'div',
    { class: 'bar' },
    lane,
    h('span', { class: 'hint' }, 'Needs your approval'),
    h('div', { class: 'nav' }, previous, place, next, list),
  )
  const details = h('div', {})
  const body = h('div', { class: 'body', tabindex: '0', role: 'group', 'aria-label': 'Details' }, bar, heading, gist, details)
  const status = h('p', { role: 'status', id: 'status' })
  const alert = h('p', { role: 'alert' })
  const change = button('Change…', {})
  const more = button('Read on ↓', {})
  const deny = button('Deny', { class: 'deny' })
  const approve = button('Approve', { class: 'approve', 'aria-describedby': 'status' })
  change.hidden = more.hidden = approve.disabled = deny.disabled = true
  const footer = h('div', { class: 'foot' }, alert, h('div', { class: 'tools' }, status, change, more), h('div', { class: 'actions' }, deny, approve))
  const dialog = h('dialog', { 'aria-labelledby': 'title' }, body, footer)
  const pill = button('', {})
  const told = h('span', {})
  pill.hidden = true
  // Live regions announce newcomers: around the pill while put aside, the place in the queue while open.
  root.append(dialog, h('div', { role: 'status', class: 'pill' }, told, pill))
  const showPlace = (position: number, count: number, stuck: boolean): void => {
    previous.hidden = next.hidden = list.hidden = count < 2
    list.disabled = stuck
    previous.disabled = stuck || position < 2
    next.disabled = stuck || position === count
    write(place, count < 2 || position === 0 ? '' : `${position} of ${count}`)
  }
  const showPill = (count: number, dismissed: boolean): void => {
    write(pill, count === 1 ? '1 action waits for you' : `${count} actions wait for you`)
    pill.hidden = !dismissed || count === 0
  }
  return {
    dialog,
    lane,
    heading,
    gist,
    body,
    details,
    status,
    alert,
    change,
    more,
    approve,
    deny,
    previous,
    next,
    list,
    pill,
    showPill,
    told,
    showPlace,
  }
}
