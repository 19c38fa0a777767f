const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Source of the pattern for a day as people write it. */
export const DAY = String.raw`\d{4}-\d{2}-\d{2}|(?:next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?: \d{4})?`

const later = (now: Date, days: number): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days)

/** The local day that `written` names, counted from `now`; a weekday is the next one after today. */
export const findDay = (written: string, now: Date): Date | null => {
  const text = written.toLowerCase()
  if (text === 'today') return later(now, 0)
  if (text === 'tomorrow') return later(now, 1)
  const weekday = DAYS.indexOf(text.replace('next ', ''))
  if (weekday >= 0) return later(now, (weekday - now.getDay() + 7) % 7 || 7)
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (iso !== null) return new Date(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]))
  const named = /^(\d{1,2}) ([a-z]{3})[a-z]*(?: (\d{4}))?$/.exec(text)
  if (named === null) return null
  const month = MONTHS.indexOf(named[2] ?? '')
  const day = new Date(Number(named[3] ?? now.getFullYear()), month, Number(named[1]))
  return named[3] === undefined && day < later(now, 0) ? new Date(now.getFullYear() + 1, month, Number(named[1])) : day
}
