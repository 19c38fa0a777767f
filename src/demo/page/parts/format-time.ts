const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const MOMENT = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })

/** Epoch milliseconds as a time of day. */
export const formatClock = (epochMs: number): string => CLOCK.format(epochMs)

/** An RFC 3339 time or epoch milliseconds as day and time; text that is no time comes back as it is. */
export const formatTime = (time: string | number): string => {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? String(time) : MOMENT.format(date)
}
