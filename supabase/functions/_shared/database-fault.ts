import { refuse } from './answer.ts'
import { LIMITS } from './limits.ts'

/** SQLSTATEs and connection codes that a later attempt may not meet: lost or refused connections, shutdown, timeouts, deadlocks. */
const PASSING = /^(08|53|57|40)|^(55P03|25P03)$|^(ECONN|ENOENT|EPIPE|ETIMEDOUT|CONNECT|EHOST|ENOTFOUND|EAI_)/
/** Tables or functions of ours that are not there, or were there in another shape. */
const UNMIGRATED = /^(42P01|42883|42703|3F000)$/

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

/** The answer for what a handler threw. Says nothing of the statement or the data. */
export const faultAnswer = (error: unknown): Response => {
  const code = codeOf(error)
  const patience = { 'retry-after': String(LIMITS.retryAfterS) }
  if (code === 'AUTH_UNAVAILABLE') return refuse(503, code, 'The auth server cannot be reached now.', patience)
  if (PASSING.test(code)) return refuse(503, 'STORE_UNAVAILABLE', 'The database cannot be reached now.', patience)
  if (UNMIGRATED.test(code)) return refuse(503, 'STORE_NOT_MIGRATED', 'The MAESTRO migrations are not applied here.', patience)
  if (code === '42501') return refuse(403, 'FORBIDDEN', 'This is not allowed for this token.')
  if (/^(23514|22)/.test(code)) return refuse(400, 'BODY_INVALID', 'A value is outside what the ledger takes.')
  return refuse(500, 'INTERNAL', 'The request failed on the server.', patience)
}
