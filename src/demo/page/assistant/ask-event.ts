import type { Ask } from './ask.ts'
import { DAY, findDay } from './find-day.ts'
import { findPeople } from './find-people.ts'
import type { Reading } from './reading.ts'
import { rfc3339 } from './rfc3339.ts'
import { toldTo } from './told-to.ts'

const VERBS = /\b(?:schedule|book|plan|arrange|set up)\b/i
const TITLE_AND_DAY = new RegExp(String.raw`^\s*(?:an?\s+|the\s+)?["“]?(.+?)["”]?\s+(?:on\s+|for\s+)?(${DAY})\b`, 'i')
const CLOCK = /\b(?:at|from)\s+(\d{1,2})[:.](\d{2})/i
const UNTIL = /\b(?:to|until)\s+(\d{1,2})[:.](\d{2})/i
const LENGTH = /\bfor\s+(\d+)\s*(min|h)/i
const USUAL_MINUTES = 60

/** "Schedule TITLE on DAY at HH:MM for N minutes with PEOPLE". Without a length it takes an hour. */
export const askEvent = (sentence: string, { people, now }: Reading): readonly Ask[] => {
  const told = toldTo(sentence, VERBS)
  const [whole = '', title, written] = TITLE_AND_DAY.exec(told ?? '') ?? []
  const rest = (told ?? '').slice(whole.length)
  const clock = CLOCK.exec(rest)
  const day = written === undefined ? null : findDay(written, now)
  if (title === undefined || day === null || clock === null) return []
  const start = new Date(day)
  start.setHours(Number(clock[1]), Number(clock[2]))
  const until = UNTIL.exec(rest)
  const length = LENGTH.exec(rest)
  const minutes = length === null ? USUAL_MINUTES : Number(length[1]) * (length[2]?.toLowerCase() === 'h' ? 60 : 1)
  const end = new Date(start.getTime() + minutes * 60_000)
  if (until !== null) end.setHours(Number(until[1]), Number(until[2]))
  return [
    { action: 'event.create', params: { title, start: rfc3339(start), end: rfc3339(end), attendees: findPeople(rest, people) }, because: sentence },
  ]
}
