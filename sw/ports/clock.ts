/** Wall time for stamps and schedules; waiting for what must be tried later. Read at admission and by the pump only (law 1). */
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
