import type { WaitingFor } from '../protocol/views.ts'

const CLOCK = 'M12 7.5V12l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z'
const QUESTION = 'M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 16.6v.3M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z'
const PERSON = 'M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20a7 7 0 0 1 14 0'

/** Line drawings on a 24 × 24 grid. */
const PATHS = {
  approval: PERSON,
  'sign-in': PERSON,
  'undo window': 'M9 7L5 11l4 4M5 11h9a4.5 4.5 0 0 1 0 9h-2',
  running: 'M5 12h13M13 7l5 5-5 5',
  'its turn': CLOCK,
  retry: 'M19 4v5h-5M18.5 9a7.5 7.5 0 1 0 1 5',
  network: 'M3 3l18 18M9 8a5.5 5.5 0 0 1 8.5 3 4 4 0 0 1 2 6.5M6 11a4 4 0 0 0 1 8h9',
  ledger: QUESTION,
  page: 'M4 5h16v14H4zM4 9h16',
  sequence: 'M12 4v10M8 10.5l4 4 4-4M5 19h14',
  gate: 'M9 6v12M15 6v12',
  update: 'M12 4v11M8 11l4 4 4-4M5 20h14',
  person: QUESTION,
  export: 'M12 15V4M8 8l4-4 4 4M5 14v6h14v-6',
  dead: 'M12 4l9 16H3zM12 10v4.5M12 17.2v.3',
  done: 'M5 12.5l4.5 4.5L19 7.5',
} as const satisfies Readonly<Record<WaitingFor | 'dead' | 'done', string>>

/** A decorative drawing; the words beside it carry the meaning. */
export const glyph = (name: keyof typeof PATHS): SVGElement => {
  const make = (tag: string, attributes: Readonly<Record<string, string>>): SVGElement => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
    for (const attribute in attributes) element.setAttribute(attribute, attributes[attribute] ?? '')
    return element
  }
  const drawing = make('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' })
  drawing.append(make('path', { d: PATHS[name] }))
  return drawing
}
