/** How many samples a run takes. */
export type Plan = {
  /** P1: rounds, in each of which every side takes its turn. */
  readonly rounds: number
  readonly samplesPerRound: number
  /** P2: bursts of 500 a side. */
  readonly bursts: number
  /** P4: cold starts a side and question. */
  readonly coldStarts: number
}

export const FULL: Plan = { rounds: 6, samplesPerRound: 30, bursts: 3, coldStarts: 25 }
export const QUICK: Plan = { rounds: 3, samplesPerRound: 10, bursts: 1, coldStarts: 7 }
