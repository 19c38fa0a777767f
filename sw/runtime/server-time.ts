/**
 * The time by which things end. A device's clock may be years off, so nothing expires by it alone where a server can be
 * asked: its time, learnt with every answer, is what counts (trap 27).
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
  let learnt: { readonly server: number; readonly device: number } | null = null
  // A device clock that jumped since says nothing about how much time has passed.
  const isSteady = (device: number): boolean => learnt !== null && device >= learnt.device && device - learnt.device < DAY_MS
  return {
    now() {
      const device = clock.now()
      return learnt === null ? device : learnt.server + (isSteady(device) ? device - learnt.device : 0)
    },
    isKnown: () => !hasServer || isSteady(clock.now()),
    learn(server) {
      learnt = { server, device: clock.now() }
    },
  }
}

/** No worker lives for a day: a longer step within one run of it is a clock that was set. */
const DAY_MS = 86_400_000
