import { h } from '../dom/h.ts'

/** Shown until the client is connected. */
export const showLoading = (root: HTMLElement): void =>
  root.replaceChildren(h('main', { class: 'start', 'aria-busy': 'true' }, h('h1', {}, 'Harbour'), h('p', { role: 'status' }, 'Waking the worker …')))

/** Shown when connecting or signing in failed: what happened, and the way to try again. */
export const showFailure = (root: HTMLElement, title: string, reason: string, retry: () => void): void => {
  const button = h('button', { type: 'button', class: 'button primary', onclick: retry }, 'Try again')
  root.replaceChildren(h('main', { class: 'start' }, h('h1', {}, title), h('p', { role: 'alert' }, reason), button))
  button.focus()
}
