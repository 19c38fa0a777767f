import { LIMITS } from './limits.ts'

/** Seconds the principal has to wait, or 0 when the request is within the rate. */
export type RateLimit = (principal: string) => number

/** Counts requests per principal in fixed windows, in this process: a brake on loops, not an account. */
export const createRateLimit = (max: number = LIMITS.rateMax, now: () => number = Date.now): RateLimit => {
  const windows = new Map<string, { readonly start: number; count: number }>()
  return (principal) => {
    const at = now()
    let window = windows.get(principal)
    if (window === undefined || at - window.start >= LIMITS.rateWindowMs || at < window.start) {
      window = { start: at, count: 0 }
      windows.delete(principal)
      windows.set(principal, window)
      const oldest = windows.size > LIMITS.ratePrincipalsMax ? windows.keys().next().value : undefined
      if (oldest !== undefined) windows.delete(oldest)
    }
    window.count += 1
    return window.count <= max ? 0 : Math.max(1, Math.ceil((window.start + LIMITS.rateWindowMs - at) / 1000))
  }
}
