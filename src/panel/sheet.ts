import { h } from '../dialog/h.ts'
import type { Child } from '../dialog/h.ts'
import { said } from '../dialog/said.ts'

export type Sheet<Choice> = {
  readonly body: HTMLElement
  readonly actions: HTMLElement
  readonly alert: HTMLElement
  readonly close: (choice: Choice | null) => void
  /** What was chosen; `null` when it was put aside with Escape. */
  readonly chosen: Promise<Choice | null>
}

/** A modal question in a shadow root. Empty and closed again once something is chosen; focus goes back to where it was. */
export const openSheet = <Choice>(root: ShadowRoot, title: string, about: string | null, ...children: Child[]): Sheet<Choice> => {
  const body = h('div', { class: 'body' }, ...children)
  const actions = h('div', { class: 'acts' })
  const alert = h('p', { role: 'alert' })
  const heading = h('h2', { id: 'sheet-title', tabindex: '-1', autofocus: '' }, title, ...(about === null ? [] : [' ', h('span', {}, said(about))]))
  const dialog = h('dialog', { 'aria-labelledby': 'sheet-title' }, heading, body, h('footer', {}, alert, actions))
  const { promise, resolve } = Promise.withResolvers<Choice | null>()
  const close = (choice: Choice | null): void => {
    resolve(choice)
    dialog.close()
    dialog.remove()
  }
  dialog.oncancel = (event) => {
    event.preventDefault()
    close(null)
  }
  dialog.onclose = () => close(null)
  root.append(dialog)
  dialog.showModal()
  return { body, actions, alert, close, chosen: promise }
}
