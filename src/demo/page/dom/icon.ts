import { svg } from './svg.ts'

/** Line drawings on a 24 × 24 grid. */
const PATHS = {
  assistant: 'M12 3v3M12 18v3M3 12h3M18 12h3M12 8l1.2 2.8L16 12l-2.8 1.2L12 16l-1.2-2.8L8 12l2.8-1.2z',
  inbox: 'M4 13l2.5-8h11L20 13v6H4zM4 13h4.5l1 2.5h5l1-2.5H20',
  compose: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  contacts: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0',
  payments: 'M3 6.5h18v11H3zM3 10h18M6.5 14.5h4',
  calendar: 'M4 6h16v14H4zM4 10h16M8 3.5v4M16 3.5v4',
  files: 'M6 3h8l4 4v14H6zM14 3v4h4',
  notes: 'M5 4h14v11l-5 5H5zM14 20v-5h5M8.5 8.5h7M8.5 12h4',
  room: 'M4 18a8 8 0 1 1 16 0M12 18l4-6M4 18h16',
  act: 'M5 5h5v5H5zM14 5h5v5h-5zM5 14h5v5H5zM14 14h5v5h-5z',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0',
  reads: 'M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  thinks: 'M6 9a6 6 0 1 1 9.5 4.9c-.9.7-1.5 1.3-1.5 2.6h-4c0-1.3-.6-1.9-1.5-2.6A6 6 0 0 1 6 9zM10 20h4',
  asks: 'M5 12h13M13 7l5 5-5 5',
  ends: 'M5 12.5l4.5 4.5L19 7.5',
  warning: 'M12 4l9 16H3zM12 10v4.5M12 17.2v.3',
  undo: 'M9 7L5 11l4 4M5 11h9a5 5 0 0 1 0 10h-2',
  trash: 'M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13',
  question: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 16.6v.3',
  close: 'M6 6l12 12M18 6L6 18',
  reset: 'M5 5v5h5M5.5 10a7 7 0 1 1-.4 4',
  play: 'M8 5l11 7-11 7z',
} as const

export type IconName = keyof typeof PATHS

/** A decorative icon; the words beside it carry the meaning. */
export const icon = (name: IconName): SVGElement =>
  svg('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, svg('path', { d: PATHS[name] }))
