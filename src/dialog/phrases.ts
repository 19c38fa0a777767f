import type { FieldView } from '../protocol/views.ts'
import type { Fate } from './controller.ts'

/** Who said a value, in words for a person. */
export const ORIGINS: Readonly<Record<FieldView['origin'], string>> = {
  user: 'You said this',
  app: 'From this app',
  directory: 'From your directory',
  untrusted: 'Untrusted text',
  agent: 'Chosen by the assistant',
}

const FATES: Readonly<Partial<Record<Fate, string>>> = {
  expired: 'has expired. Nothing was done',
  changed: 'has changed. The new one follows',
  denied: 'was denied elsewhere. Nothing was done',
  cancelled: 'was cancelled. Nothing was done',
  done: 'was approved elsewhere',
  queued: 'was approved elsewhere',
  held: 'was approved elsewhere',
}

/** Why a request that was on view is gone. */
export const fatePhrase = (fate: Fate): string => `This request ${FATES[fate] ?? 'no longer waits for you'}.`

export const waitingPhrase = (count: number): string => (count === 1 ? '1 action waits for you' : `${count} actions wait for you`)

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** "in 6 days", "in 40 seconds"; rounded down, so it never promises more time than there is. `left` is in ms. */
export const timeLeft = (left: number): string => {
  const unit = UNITS.find(([, size]) => left >= size)
  return unit === undefined ? 'now' : new Intl.RelativeTimeFormat('en').format(Math.floor(left / unit[1]), unit[0])
}
