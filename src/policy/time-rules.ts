const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const ISO = /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)/g
const CLOCK = /(?<!\d)(\d{1,2}):(\d{2})(?!\d)/g
const DAY_FIRST = /(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?(?: of)? (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*/g
const MONTH_FIRST = /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* (\d{1,2})(?:st|nd|rd|th)?(?!\d)/g
const NUMERIC = /(?<!\d)(\d{1,2})[./](\d{1,2})[./]\d{2,4}(?!\d)/g

const two = (value: string | number): string => String(value).padStart(2, '0')
const month = (name: string | undefined): string => two(MONTHS.indexOf((name ?? '').slice(0, 3)) + 1)

/** The days of a year that a text names, as month-day; both readings of a numeric date. */
export function daysIn(low: string): ReadonlySet<string> {
  const days = new Set<string>()
  for (const [, , m = '', d = ''] of low.matchAll(ISO)) days.add(`${m}-${d}`)
  for (const [, d = '', m] of low.matchAll(DAY_FIRST)) days.add(`${month(m)}-${two(d)}`)
  for (const [, m, d = ''] of low.matchAll(MONTH_FIRST)) days.add(`${month(m)}-${two(d)}`)
  for (const [, a = '', b = ''] of low.matchAll(NUMERIC)) days.add(`${two(b)}-${two(a)}`).add(`${two(a)}-${two(b)}`)
  return days
}

const clocksIn = (low: string): ReadonlySet<string> => new Set([...low.matchAll(CLOCK)].map(([, h = '', m = '']) => `${two(h)}:${m}`))

/** Whether a call's times go against the user's: they named a day or a clock time, these are others, and a stranger named them. */
export function isStrangersTime(values: readonly string[], said: string, strangers: readonly string[]): boolean {
  const [days, clocks] = [daysIn(said), clocksIn(said)]
  const theirs = (of: (low: string) => ReadonlySet<string>, each: string): boolean => strangers.some((low) => of(low).has(each))
  const asked = values.map((value) => value.toLowerCase())
  // A day is checked one by one; of clock times one is enough, for ends are usually counted from starts.
  if (days.size > 0 && asked.some((value) => [...daysIn(value)].some((day) => !days.has(day) && theirs(daysIn, day)))) return true
  const named = asked.flatMap((value) => [...clocksIn(value)])
  return clocks.size > 0 && named.length > 0 && !named.some((clock) => clocks.has(clock)) && named.some((clock) => theirs(clocksIn, clock))
}
