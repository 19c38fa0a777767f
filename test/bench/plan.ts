/** How many samples a run takes. */
export type Plan = {
  /** P1: rounds, in each of which every side takes its turn. */
  readonly rounds: number
  readonly samplesPerRound: number
  /** P2: bursts of 500 a side. */
  readonly bursts: number
  /** P3: items a drain, and drains a side; sides that send one after the other are drained once over a slow link. */
  readonly drainItems: number
  readonly drains: number
  /** P3: milliseconds of the links. */
  readonly linksMs: readonly number[]
  /** P3: also with a server's ledger. */
  readonly drainsWithLedger: boolean
  /** P4: cold starts a side and question. */
  readonly coldStarts: number
  /** P6: the larger ledger, rounds of claims and lookups, cold starts a side. */
  readonly growth: { readonly receipts: number; readonly rounds: number; readonly samplesPerRound: number; readonly starts: number }
  /** P6 and P7 on the server: rounds of single claims, and batches a side. */
  readonly claims: { readonly rounds: number; readonly samplesPerRound: number; readonly batches: number }
  /** P8: kills. */
  readonly kills: number
  /** P9: decisions. */
  readonly decisions: number
  readonly allFaults: boolean
}

export const FULL: Plan = {
  rounds: 20,
  samplesPerRound: 60,
  bursts: 5,
  drainItems: 500,
  drains: 3,
  linksMs: [50, 0],
  drainsWithLedger: true,
  coldStarts: 50,
  growth: { receipts: 100_000, rounds: 6, samplesPerRound: 20, starts: 15 },
  claims: { rounds: 8, samplesPerRound: 50, batches: 40 },
  kills: 20,
  decisions: 4_000,
  allFaults: true,
}

/** A minute's look: the same sides and limits, fewer samples, shorter drains, a smaller large ledger, fewer faults. */
export const QUICK: Plan = {
  rounds: 3,
  samplesPerRound: 10,
  bursts: 1,
  drainItems: 60,
  drains: 1,
  linksMs: [50],
  drainsWithLedger: false,
  coldStarts: 5,
  growth: { receipts: 20_000, rounds: 2, samplesPerRound: 8, starts: 4 },
  claims: { rounds: 3, samplesPerRound: 20, batches: 3 },
  kills: 1,
  decisions: 1_000,
  allFaults: false,
}
