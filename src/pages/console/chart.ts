import { h } from '../../demo/page/dom/h.ts'
import { svg } from '../../demo/page/dom/svg.ts'
import type { Point } from './picture.ts'
import { clock } from './words.ts'

const WIDTH = 320
const HEIGHT = 72
const PAD = 4

export type Measure = {
  readonly name: string
  readonly field: string
  readonly show: (value: number | null) => string
  readonly fixedMax?: number
  readonly limit?: number
}

/** One measure over time: a line with gaps where nothing was known, its limit where it has one, and the same as words for who does not see it. */
export const chart = ({ name, field, show, fixedMax, limit }: Measure, points: readonly Point[]): HTMLElement => {
  const values = points.map((point) => point[field] ?? null)
  const known = values.filter((value) => value !== null)
  const now = values.at(-1) ?? null
  const max = fixedMax ?? Math.max(1, limit ?? 0, ...known)
  const x = (i: number): number => PAD + (i * (WIDTH - 2 * PAD)) / Math.max(1, values.length - 1)
  const y = (value: number): number => HEIGHT - PAD - (value / max) * (HEIGHT - 2 * PAD)
  let isDown = true
  const path = values
    .map((value, i) => {
      if (value === null) {
        isDown = true
        return ''
      }
      const step = `${isDown ? 'M' : 'L'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`
      isDown = false
      return step
    })
    .join('')
  const first = points[0]
  const words =
    known.length === 0
      ? `${name}: nothing known yet`
      : `${name}: now ${show(now)}, between ${show(Math.min(...known))} and ${show(Math.max(...known))} since ${first ? clock(first.at) : 'the start'}`
  const drawing = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': words, preserveAspectRatio: 'none' })
  if (limit !== undefined) drawing.append(svg('path', { d: `M0 ${y(limit)}H${WIDTH}`, class: 'limit' }))
  if (path !== '') drawing.append(svg('path', { d: path, class: 'line' }))
  // A single value is a point, which a path of one step does not draw.
  const last = values.length - 1
  if (now !== null) drawing.append(svg('circle', { cx: x(last), cy: y(now), r: 3, class: 'dot' }))
  return h('figure', { class: 'chart' }, h('figcaption', {}, h('span', {}, name), h('strong', {}, show(now))), drawing)
}
