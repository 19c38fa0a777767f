import { svg } from '../dom/svg.ts'

const line = (d: string, look = 'p-line'): SVGElement => svg('path', { d, class: look })
const dot = (cx: number, cy: number, r: number, look: string): SVGElement => svg('circle', { cx, cy, r, class: look })
const box = (x: number, y: number, width: number, height: number, rx: number, look: string): SVGElement =>
  svg('rect', { x, y, width, height, rx, class: look })
const picture = (...children: readonly SVGElement[]): SVGElement =>
  svg('svg', { class: 'picture', viewBox: '0 0 160 96', 'aria-hidden': 'true' }, ...children)

/** The assistant with an open hand: a letter goes in, a request comes out. */
export const asksPicture = (): SVGElement =>
  picture(
    box(14, 28, 46, 34, 4, 'p-soft'),
    line('M14 32l23 18 23-18'),
    line('M70 46h22M86 40l6 6-6 6'),
    dot(120, 46, 22, 'p-fill'),
    line('M112 42v6M128 42v6M112 56q8 6 16 0', 'p-light'),
  )

/** A balance: the request is weighed before anything happens. */
export const judgedPicture = (): SVGElement =>
  picture(
    line('M80 14v64M58 82h44M40 28h80'),
    line('M40 28l-16 30h32z', 'p-line p-softfill'),
    line('M120 28l-16 22h32z', 'p-line p-softfill'),
    dot(40, 64, 6, 'p-go'),
    dot(112, 60, 5, 'p-wait'),
    dot(128, 60, 5, 'p-stop'),
  )

/** A person reads the exact call and presses a button. */
export const approvedPicture = (): SVGElement =>
  picture(
    box(36, 12, 88, 72, 6, 'p-soft'),
    line('M48 28h50M48 40h64M48 52h40'),
    box(48, 62, 28, 13, 6.5, 'p-outline'),
    box(84, 62, 28, 13, 6.5, 'p-fill'),
    line('M92 69l4 3 7-7', 'p-light'),
  )

/** Linked receipts: one effect, one entry, no second time. */
export const oncePicture = (): SVGElement =>
  picture(
    box(10, 34, 38, 30, 5, 'p-soft'),
    box(61, 34, 38, 30, 5, 'p-soft'),
    box(112, 34, 38, 30, 5, 'p-fill'),
    line('M48 49h13M99 49h13'),
    line('M20 49h18M71 49h18'),
    line('M123 49l5 5 10-11', 'p-light'),
  )
