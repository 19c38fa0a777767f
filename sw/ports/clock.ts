/** Wall time for stamps, schedules and ends; waiting for what must be tried later. What was stamped with it is never read anew (law 1). */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Milliseconds since some moment, never set back or forward by anybody; may stand still while the device sleeps. */
  elapsed(): number
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal: AbortSignalLike): Promise<void>
}

export type AbortSignalLike = {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
}

export type ClockDep = { readonly clock: Clock }
