/** What the process ends with; scripts and monitors decide on these. */
export const EXIT = {
  green: 0,
  red: 1,
  usage: 2,
  degraded: 3,
  auth: 4,
  stale: 5,
  refused: 6,
  notApplicable: 7,
} as const

export type Exit = (typeof EXIT)[keyof typeof EXIT]
