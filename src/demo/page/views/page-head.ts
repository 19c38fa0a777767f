import { h } from '../dom/h.ts'

/** A view's heading and its one-sentence promise. The heading takes focus when the view is entered. */
export const pageHead = (title: string, lead: string): HTMLElement =>
  h('header', { class: 'page-head' }, h('h1', { tabindex: '-1' }, title), h('p', { class: 'lead' }, lead))
