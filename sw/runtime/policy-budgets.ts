/** Budgets of one person: what the policy and the actions themselves set, and how receipts settle what was reserved. */
import { amountIn, targetsIn } from '../../src/policy/measures.ts'
import type { Budget, Policy } from '../../src/policy/policy-data.ts'
import type { Declared } from '../../src/policy/declared.ts'
import { commit, forget, release, reserve } from '../../src/policy/spending.ts'
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

type Wanted = { readonly id: string; readonly agent: string; readonly at: number; readonly params: ReceiptRecord['call']['params'] }

/** More than any budget, and still a number that a file can hold. */
const PAST_COUNTING = 1e15

export function reserveFor(state: PolicyState, declared: Declared, { id, agent, at, params }: Wanted, policy: Policy): PolicyState {
  const spent = {
    id,
    action: declared.name,
    agent,
    at,
    amount: Math.min(amountIn(declared, params), PAST_COUNTING),
    targets: [...targetsIn(declared, params)],
    state: 'reserved',
  } as const
  const isCounted = (policy.budgets ?? []).length > 0
  return isCounted ? { ...state, spending: [...forget(reserve(state.spending, spent), policy.budgets ?? [], at, LIMITS.approvalTtlMs)] } : state
}

/** A receipt that is done has spent; one that ended otherwise gives back. */
export function settle(state: PolicyState, { id, state: now }: ReceiptRecord): PolicyState {
  if (!FINAL.has(now) || !state.spending.some((spent) => spent.id === id && spent.state === 'reserved')) return state
  // Dead is not over: it may be tried again, or have run.
  if (now === 'dead') return state
  return { ...state, spending: [...(now === 'done' ? commit(state.spending, id) : release(state.spending, id))] }
}
