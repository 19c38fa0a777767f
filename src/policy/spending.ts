import type { Lane } from '../protocol/views.ts'
import { fitsName, type Budget } from './policy-data.ts'

/** One call that counts against budgets: reserved when it was let through, committed by its receipt. */
export type Spent = {
  readonly id: string
  readonly action: string
  readonly agent: string
  /** Epoch ms. */
  readonly at: number
  readonly amount: number
  readonly targets: readonly string[]
  readonly state: 'reserved' | 'committed'
}

export type Spending = readonly Spent[]

/** Entries kept at once; the oldest committed ones beyond every window go first. */
export const SPENT_MAX = 5_000

/** Reserves a call. The same id again changes nothing. */
export const reserve = (spending: Spending, spent: Spent): Spending => (spending.some(({ id }) => id === spent.id) ? spending : [...spending, spent])

/** A receipt is done: its reservation counts for good. */
export const commit = (spending: Spending, id: string): Spending =>
  spending.map((spent) => (spent.id === id ? { ...spent, state: 'committed' } : spent))

/** A call that will never run gives back what it had reserved. */
export const release = (spending: Spending, id: string): Spending => spending.filter((spent) => spent.id !== id || spent.state === 'committed')

/** Drops what no window reaches any more; a reservation may wait for its receipt, for `waitMs` beyond that. */
export function forget(spending: Spending, budgets: readonly Budget[], now: number, waitMs: number): Spending {
  const longest = Math.max(0, ...budgets.map(({ windowMs }) => windowMs))
  return spending.filter(({ at, state }) => at > now - longest - (state === 'reserved' ? waitMs : 0)).slice(-SPENT_MAX)
}

export type Overdrawn = { readonly budget: Budget; readonly lane: Lane; readonly because: string }

type Wanted = Omit<Spent, 'state'>

/** The budgets that this call would overdraw, counting what is reserved and committed in each window, the call itself aside. */
export function overdrawn(budgets: readonly Budget[], spending: Spending, wanted: Wanted): readonly Overdrawn[] {
  return budgets.flatMap((budget): readonly Overdrawn[] => {
    if (!fitsName(budget.action, wanted.action) || !fitsName(budget.agent, wanted.agent)) return []
    const past = spending.filter(
      (spent) =>
        spent.id !== wanted.id && spent.agent === wanted.agent && fitsName(budget.action, spent.action) && spent.at > wanted.at - budget.windowMs,
    )
    const all = [...past, wanted]
    const amount = all.reduce((sum, each) => sum + each.amount, 0)
    const targets = new Set(all.flatMap((each) => each.targets)).size
    const isOver =
      (budget.count !== undefined && all.length > budget.count) ||
      // What cannot be added up is too much.
      (budget.amount !== undefined && !(amount <= budget.amount)) ||
      (budget.targets !== undefined && targets > budget.targets)
    return isOver ? [{ budget, lane: budget.over ?? 'RED', because: budget.because }] : []
  })
}
