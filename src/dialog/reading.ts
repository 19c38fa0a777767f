import type { ApprovalView } from '../protocol/views.ts'

/** Nobody reads faster: three to five times the pace of a practised reader. Characters per second. */
const CHARS_PER_SECOND = 100
/** However long a text is, more is never asked for. Milliseconds. */
const READING_MAX_MS = 6_000

/** The least time in which the values of these calls can have been read, milliseconds. */
export const readingMs = (...approvals: readonly ApprovalView[]): number => {
  const chars = approvals.flatMap((one) => one.fields).reduce((sum, field) => sum + field.value.length, 0)
  return Math.min((chars * 1_000) / CHARS_PER_SECOND, READING_MAX_MS)
}
