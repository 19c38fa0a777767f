import { h } from '../dialog/h.ts'
import { adopt } from './styles.ts'

export type PanelParts = {
  readonly summary: HTMLElement
  readonly notices: HTMLElement
  readonly troubles: HTMLElement
  readonly troubleList: HTMLElement
  readonly troubleMore: HTMLElement
  readonly taken: HTMLElement
  readonly waiting: HTMLElement
  readonly groups: HTMLElement
  readonly pager: HTMLElement
  readonly recent: HTMLElement
  readonly recentList: HTMLElement
  readonly body: HTMLElement
  readonly travel: HTMLElement
  readonly status: HTMLElement
}

/** Builds the panel's fixed skeleton into a shadow root, once per element. */
export const panelParts = (root: ShadowRoot): PanelParts => {
  adopt(root)
  const summary = h('p', { class: 'summary', tabindex: '-1' })
  const notices = h('div', { class: 'notices', role: 'status' })
  const troubleList = h('ul', {})
  const troubleMore = h('p', { class: 'quiet' })
  const taken = h('div', { class: 'taken', hidden: '' })
  const troubles = h('section', {}, h('h2', {}, 'Needs you'), troubleList, taken, troubleMore)
  const groups = h('ul', { class: 'groups' })
  const pager = h('div', { class: 'pager' })
  const waiting = h('section', {}, h('h2', {}, 'Waiting'), groups, pager)
  const recentList = h('ul', {})
  const recent = h('section', {}, h('h2', {}, 'Done lately'), recentList)
  const travel = h('div', { class: 'acts travel' })
  const status = h('div', { class: 'unseen', role: 'status' })
  const body = h('div', { class: 'panel', hidden: '' }, summary, notices, troubles, waiting, recent)
  root.append(body, status)
  return { summary, notices, troubles, troubleList, troubleMore, taken, waiting, groups, pager, recent, recentList, body, travel, status }
}
