import type { Lane } from '../protocol/views.ts'
import { fitsName, type Budget } from './policy-data.ts'

/** One call that counts against budgets: held when it is judged, reserved before it may run, committed by its receipt. */
export type Spent = {
  readonly id: string
  readonly action: string
  readonly agent: string
  /** Epoch ms. */
  readonly at: number
  readonly amount: number
  readonly targets: readonly string[]
  /** `held`: judged, and not admitted yet. */
  readonly state: 'held' | 'reserved' | 'committed'
}

export type Spending = readonly Spent[]

/** Entries kept at once. None is dropped inside its window to make room: what would be one too many does not run. */
export const SPENT_MAX = 5_000

/** What is only held counts so long: an admission that took longer has failed. */
const HOLD_MS = 60_000

const counts = ({ state, at }: Spent, now: number): boolean => state !== 'held' || at > now - HOLD_MS

const isBudgeted = ({ action, agent }: Budget, wanted: Pick<Spent, 'action' | 'agent'>): boolean =>
  fitsName(action, wanted.action) && fitsName(agent, wanted.agent)

/** Whether any budget is about this call. */
export const isCounted = (budgets: readonly Budget[], wanted: Pick<Spent, 'action' | 'agent'>): boolean =>
  budgets.some((budget) => isBudgeted(budget, wanted))

/** Whether there is no place left to count this call in. */
const isFull = (spending: Spending, id: string): boolean => spending.length >= SPENT_MAX && !spending.some((spent) => spent.id === id)

/** Holds or reserves a call, from now on: a reservation takes the place of an older one. What is committed stays, and so does a reservation that is only held again. */
export function reserve(spending: Spending, wanted: Spent): Spending {
  const there = spending.find(({ id }) => id === wanted.id)
  if (there === undefined) return isFull(spending, wanted.id) ? spending : [...spending, wanted]
  const stays = there.state === 'committed' || (there.state === 'reserved' && wanted.state === 'held')
  return stays ? spending : spending.map((spent) => (spent === there ? wanted : spent))
}

/** A call that was held has been admitted. */
export const confirm = (spending: Spending, id: string): Spending =>
  spending.map((spent) => (spent.id === id && spent.state === 'held' ? { ...spent, state: 'reserved' } : spent))

/** A receipt is done: its reservation counts for good. */
export const commit = (spending: Spending, id: string): Spending =>
  spending.map((spent) => (spent.id === id ? { ...spent, state: 'committed' } : spent))

/** A call that will never run gives back what it had reserved. */
export const release = (spending: Spending, id: string): Spending => spending.filter((spent) => spent.id !== id || spent.state === 'committed')

/** Drops what no window of its budgets reaches any more; a reservation may wait for its receipt, for `waitMs` beyond that. */
export const forget = (spending: Spending, budgets: readonly Budget[], now: number, waitMs: number): Spending =>
  spending.filter((spent) => {
    const longest = Math.max(0, ...budgets.filter((budget) => isBudgeted(budget, spent)).map(({ windowMs }) => windowMs))
    return counts(spent, now) && spent.at > now - longest - (spent.state === 'reserved' ? waitMs : 0)
  })

export type Overdrawn = { readonly budget: Budget; readonly lane: Lane; readonly because: string }

export type Wanted = Omit<Spent, 'state'>

/** The budgets that this call would overdraw, counting what is reserved and committed in each window, the call itself aside. */
export function overdrawn(budgets: readonly Budget[], spending: Spending, wanted: Wanted): readonly Overdrawn[] {
  return budgets.flatMap((budget): readonly Overdrawn[] => {
    if (!isBudgeted(budget, wanted)) return []
    if (isFull(spending, wanted.id)) return [{ budget, lane: 'BLOCKED', because: 'more calls are counted already than can be counted' }]
    const past = spending.filter(
      (spent) =>
        spent.id !== wanted.id &&
        spent.agent === wanted.agent &&
        fitsName(budget.action, spent.action) &&
        counts(spent, wanted.at) &&
        spent.at > wanted.at - budget.windowMs,
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
