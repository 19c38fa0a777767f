import { h } from '../../demo/page/dom/h.ts'
import { chart, type Measure } from './chart.ts'
import type { Picture } from './picture.ts'
import { count, percent } from './words.ts'

const MEASURES: readonly Measure[] = [
  { name: 'Health answered in', field: 'ms', show: (ms) => (ms === null ? 'silent' : `${Math.round(ms)} ms`) },
  { name: 'Receipts claimed today (UTC)', field: 'claims_today', show: count },
  { name: 'Claim failures, last 15 min', field: 'claim_failures', show: count },
  { name: 'Sync success today', field: 'sync_rate', show: percent, fixedMax: 1, limit: 0.95 },
  { name: 'Asked a person, last hour', field: 'escalations', show: count, limit: 10 },
  { name: 'Blocked today (UTC)', field: 'blocked', show: count },
  { name: 'Stuck receipts', field: 'stuck', show: count },
]

/** What is measured, drawn over the time that this console has been looking. */
export const measuresSection = (): { readonly element: HTMLElement; show(picture: Picture): void } => {
  const charts = h('div', { class: 'charts' })
  const element = h('section', { id: 'measures', 'aria-labelledby': 'measures-title' }, h('h2', { id: 'measures-title' }, 'Measures'), charts)
  return {
    element,
    show: ({ points }) => charts.replaceChildren(...MEASURES.map((measure) => chart(measure, points))),
  }
}
