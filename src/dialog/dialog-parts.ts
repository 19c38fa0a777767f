import { h, write } from './h.ts'
import { STYLES } from './styles.ts'

export type DialogParts = {
  readonly dialog: HTMLDialogElement
  readonly lane: HTMLElement
  readonly heading: HTMLElement
  readonly body: HTMLElement
  readonly status: HTMLElement
  readonly alert: HTMLElement
  readonly approve: HTMLButtonElement
  readonly deny: HTMLButtonElement
  readonly previous: HTMLButtonElement
  readonly next: HTMLButtonElement
  readonly pill: HTMLButtonElement
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
  const heading = h('h2', { id: 'title', tabindex: '-1' })
  const place = h('span', { role: 'status' })
  const previous = button('‹', { 'aria-label': 'Previous request' })
  const next = button('›', { 'aria-label': 'Next request' })
  const nav = h('div', { class: 'nav' }, previous, place, next)
  const body = h('div', { class: 'body', tabindex: '0', role: 'group', 'aria-label': 'Details' })
  const status = h('p', { role: 'status' })
  const alert = h('p', { role: 'alert' })
  const deny = button('Deny', { class: 'deny' })
  const approve = button('Approve', { class: 'approve' })
  approve.disabled = deny.disabled = true
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'title' },
    h('div', { class: 'head' }, h('div', { class: 'bar' }, lane, h('span', { class: 'hint' }, 'Needs your approval'), nav), heading),
    body,
    h('footer', {}, status, alert, h('div', { class: 'actions' }, deny, approve)),
  )
  const pill = button('', { class: 'pill' })
  pill.hidden = true
  // Live regions announce newcomers: around the pill while put aside, the place in the queue while open.
  root.append(dialog, h('div', { role: 'status' }, pill))
  const showPlace = (position: number, count: number, stuck: boolean): void => {
    previous.hidden = next.hidden = count < 2
    previous.disabled = stuck || position < 2
    next.disabled = stuck || position === count
    write(place, count < 2 || position === 0 ? '' : `${position} of ${count}`)
  }
  return { dialog, lane, heading, body, status, alert, approve, deny, previous, next, pill, showPlace }
}
