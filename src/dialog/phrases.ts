import type { DialogState, Fate, Verdict } from './controller.ts'
import { SOON_MS, flood } from './controller.ts'

const FATES: Readonly<Partial<Record<Fate, string>>> = {
  expired: 'has expired. Nothing was done',
  changed: 'has changed. The new one follows',
  denied: 'was denied elsewhere. Nothing was done',
  cancelled: 'was cancelled. Nothing was done',
  done: 'was approved elsewhere',
  queued: 'was approved elsewhere',
  held: 'was approved elsewhere',
}

/** The decision just taken, with the words that its receipt bears. */
export const toldPhrase = (told: { readonly verdict: Verdict; readonly words: readonly string[] } | null): string =>
  told === null ? '' : `${told.verdict === 'approve' ? 'Approved' : 'Denied'}: ${told.words.join(' · ')}`

/** What stands in the way, or went wrong. */
export const alertPhrase = ({ covered, error }: DialogState): string => {
  if (window.top !== window) return 'Open this page in its own tab to decide.'
  return covered ? 'Something covers this dialog. Nothing can be decided under it.' : (error ?? '')
}

/** What a person should know beside the call itself. Changes seldom, because it is read aloud. */
export const statusPhrase = (state: DialogState, now: number): string => {
  const { gone, busy, shown, unseen, told } = state
  if (gone !== null) return `This request ${FATES[gone.fate] ?? 'no longer waits for you'}.`
  if (busy !== null) return shown?.verify !== undefined && busy === 'approve' ? 'Confirm with your passkey…' : 'Sending…'
  const asks = flood(state, now)
  return [
    toldPhrase(told),
    asks > 0 && `${asks} requests in two minutes: take your time.`,
    shown !== null && shown.expiresAt - now < SOON_MS && 'Expires in less than two minutes.',
    unseen !== null && unseen > 0 && 'Read all of it to approve.',
  ]
    .filter(Boolean)
    .join(' ')
}

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
