/** How long ago, in words short enough for a table. */
export const ago = (at: number, now: number): string => {
  const s = Math.max(0, Math.round((now - at) / 1_000))
  if (s < 60) return `${s} s ago`
  if (s < 3_600) return `${Math.floor(s / 60)} min ago`
  return s < 86_400 ? `${Math.floor(s / 3_600)} h ago` : `${Math.floor(s / 86_400)} d ago`
}

export const clock = (at: number): string => new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** A time from the server's JSON, for people; what is no time is shown as it is. */
export const moment = (text: unknown): string => {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? String(text ?? '–') : new Date(at).toLocaleString()
}

export const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(1)} %`)
export const count = (value: number | null): string => (value === null ? '–' : value.toLocaleString())

/** What each kill action means for whoever reads it at night. */
export const ACTIONS = {
  kill: 'Kill: nothing new, nothing waiting runs, everywhere',
  readonly: 'Read only: actions without effects go on',
  drain: 'Drain: nothing new, what waits still runs',
  'safe-worker': 'Safe worker: workers answer health and flag only, until a new build',
} as const

export const STATES: Readonly<Record<string, string>> = {
  run: 'Running',
  kill: 'Stopped',
  readonly: 'Read only',
  drain: 'Draining',
  'safe-worker': 'Safe worker',
}
