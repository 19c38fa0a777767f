import * as LIMITS from '../../src/protocol/limits.ts'

/**
 * When to try again: exponential with full jitter (so that a crowd reconnecting does not arrive at once), capped, and never
 * before the server's own `Retry-After`, which in turn is bounded.
 */
export function backoffMs(failures: number, unit: number, floorMs = 0): number {
  const step = Math.min(LIMITS.backoffCapMs, LIMITS.backoffBaseMs * 2 ** Math.min(failures, 16))
  const floor = Math.min(Math.max(0, floorMs), LIMITS.retryAfterMsMax)
  return Math.max(floor, Math.round(step * (0.1 + 0.9 * unit)))
}
