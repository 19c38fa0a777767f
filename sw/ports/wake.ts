/** Asks the browser to wake us when there is a network, also with no page open. A hint: the schedule itself is in the ledger. */
export interface Wake {
  /** Leaves a marker (never an action, a header or a payload). Failing is normal where Background Sync is missing. */
  request(): Promise<void>
}

export type WakeDep = { readonly wake: Wake }
