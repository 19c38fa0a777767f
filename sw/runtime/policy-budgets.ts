/** Budgets of one person: what the policy and the actions themselves set, and how receipts settle what was reserved. */
import { amountIn, targetsIn } from '../../src/policy/measures.ts'
import type { Budget, Policy } from '../../src/policy/policy-data.ts'
import type { Declared } from '../../src/policy/declared.ts'
import { commit, confirm, forget, isCounted, release, reserve, type Spending, type Wanted } from '../../src/policy/spending.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import { FINAL, type ReceiptRecord } from '../core/receipt-record.ts'
import type { ActionDeclaration, Actions } from '../ports/action.ts'
import type { PolicyState } from './policy-state.ts'

/** As policy knows an action. */
export const declaredAs = (name: string, { does, roles, effect, reversible }: ActionDeclaration): Declared => ({
  name,
  stays: effect.kind === 'local' && reversible === true,
  ...(does === undefined ? {} : { does }),
  ...(roles === undefined ? {} : { roles }),
})

/** The policy with the budgets that actions declare themselves. */
export function withOwnBudgets(policy: Policy, actions: Actions): Policy {
  const own = Object.entries(actions).flatMap(([name, { budgets = [] }]) =>
    budgets.map((budget, index): Budget => ({ ...budget, id: `${name}#${index + 1}`, action: [name] })),
  )
  return own.length === 0 ? policy : { ...policy, budgets: [...(policy.budgets ?? []), ...own] }
}

type Call = { readonly id: string; readonly agent: string; readonly at: number; readonly params: ReceiptRecord['call']['params'] }

/** More than any budget, and still a number that a file can hold. */
const PAST_COUNTING = 1e15

/** What a call would count for. */
export const wantedOf = (declared: Declared, { id, agent, at, params }: Call): Wanted => ({
  id,
  agent,
  at,
  action: declared.name,
  amount: Math.min(amountIn(declared, params), PAST_COUNTING),
  targets: [...targetsIn(declared, params)],
})

/** What counts at this time. */
export const spendingNow = ({ spending }: PolicyState, { budgets = [] }: Policy, now: number): Spending =>
  forget(spending, budgets, now, LIMITS.approvalTtlMs)

/** Holds or reserves a call that a budget is about; of any other nothing is kept. */
export function countIn(state: PolicyState, wanted: Wanted, policy: Policy, as: 'held' | 'reserved'): PolicyState {
  if (!isCounted(policy.budgets ?? [], wanted)) return state
  return { ...state, spending: [...reserve(spendingNow(state, policy, wanted.at), { ...wanted, state: as })] }
}

/** What a receipt makes of its place: held becomes reserved once it is admitted to run, done has spent, and only what never left gives back. */
export function settle(state: PolicyState, { id, state: now, attempts }: ReceiptRecord): PolicyState {
  const mine = state.spending.find((spent) => spent.id === id)
  if (mine === undefined || mine.state === 'committed') return state
  const spending = (after: Spending): PolicyState => ({ ...state, spending: [...after] })
  // Dead is not over: it may be tried again, or have run.
  if (now !== 'dead' && FINAL.has(now)) return spending(now === 'done' || attempts > 0 ? commit(state.spending, id) : release(state.spending, id))
  if (mine.state === 'reserved') return state
  // What asks is reserved when a person approves it.
  return spending(now === 'awaiting-approval' ? release(state.spending, id) : confirm(state.spending, id))
}
