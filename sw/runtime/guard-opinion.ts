/** A second scorer, asked without being waited for longer than anything else: one that fails or is late is left alone for a while. */
import type { Features } from '../../src/guard/features.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { ClockDep } from '../ports/clock.ts'

export type Second = {
  (features: Features): Promise<number | null>
  /** Gets ready what it needs from the network, while the worker is installed. */
  readonly fetch?: () => Promise<unknown>
}

/** A score from 0 to 1, or `null` when there is none now. */
export function createOpinion(second: Second | undefined, { clock }: ClockDep): (features: Features) => Promise<number | null> {
  let failures = 0
  let restUntil = -Infinity

  async function inTime(features: Features): Promise<number | null> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, LIMITS.flagTimeoutMs, null)))
    try {
      return await Promise.race([second?.(features) ?? null, late])
    } catch {
      return null
    } finally {
      clearTimeout(timer)
    }
  }

  return async (features) => {
    if (!second || clock.elapsed() < restUntil) return null
    const score = await inTime(features)
    if (score !== null && score >= 0 && score <= 1) {
      failures = 0
      return score
    }
    restUntil = clock.elapsed() + Math.min(LIMITS.backoffCapMs, LIMITS.flagTimeoutMs * 2 ** failures)
    failures += 1
    return null
  }
}
