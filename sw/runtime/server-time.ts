/**
 * The time by which things end. A device's clock may be years off, so nothing expires by it alone where a server can be
 * asked: its time, learnt with every answer and carried on by a clock that nobody sets, is what counts (trap 27).
 */
import type { ClockDep } from '../ports/clock.ts'

export type ServerTime = {
  /** Epoch ms: the server's where it is known, the device's otherwise. */
  now(): number
  /** Whether something may expire by it. */
  isKnown(): boolean
  learn(serverNow: number): void
}

export function createServerTime({ clock }: ClockDep, hasServer: boolean): ServerTime {
  /** What the server's clock showed when this worker's own stood at zero. */
  let zero: number | null = null
  return {
    now: () => (zero === null ? clock.now() : zero + clock.elapsed()),
    isKnown: () => !hasServer || zero !== null,
    learn(serverNow) {
      zero = serverNow - clock.elapsed()
    },
  }
}
