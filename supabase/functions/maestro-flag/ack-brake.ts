import { LIMITS } from '../_shared/limits.ts'
import { createRateLimit } from '../_shared/rate-limit.ts'

/** Brakes for statements that come without a token: any name can be claimed, so what is not proven yet shares one small window. */
export type AckBrake = {
  /** Seconds to wait before the signature is even looked for, or 0. Of a device that proved itself here before: its own window. */
  before(device: string): number
  /** Its signature held: it leaves the shared window. */
  proven(device: string): void
}

/** In this process. Statements of strangers, on their way or refused, count together; those of a device that proves itself do not stay counted. */
export const createAckBrake = (now: () => number = Date.now): AckBrake => {
  const perDevice = createRateLimit(LIMITS.ackDeviceMax, now)
  /** In the order of their last proof. */
  const known = new Set<string>()
  let start = Number.NEGATIVE_INFINITY
  let strangers = 0

  return {
    before(device) {
      const at = now()
      if (at - start >= LIMITS.rateWindowMs || at < start) [start, strangers] = [at, 0]
      const own = perDevice(device)
      if (own > 0 || known.has(device)) return own
      if (strangers >= LIMITS.ackStrangersMax) return Math.max(1, Math.ceil((start + LIMITS.rateWindowMs - at) / 1000))
      strangers += 1
      return 0
    },
    proven(device) {
      if (!known.delete(device)) strangers = Math.max(0, strangers - 1)
      known.add(device)
      const oldest = known.size > LIMITS.ratePrincipalsMax ? known.values().next().value : undefined
      if (oldest !== undefined) known.delete(oldest)
    },
  }
}
