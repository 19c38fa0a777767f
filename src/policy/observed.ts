import type { Lane } from '../protocol/views.ts'

/** What would have happened to calls of actions that are only observed. */
export type Observed = {
  readonly actions: number
  readonly wouldAsk: number
  readonly wouldBlock: number
  readonly byAction: Readonly<Record<string, { readonly actions: number; readonly wouldAsk: number; readonly wouldBlock: number }>>
}

export const NOTHING_OBSERVED: Observed = { actions: 0, wouldAsk: 0, wouldBlock: 0, byAction: {} }

/** Actions counted by name; the rest counts in the totals alone. */
const ACTIONS_MAX = 500

const none = { actions: 0, wouldAsk: 0, wouldBlock: 0 }

export function observe(so: Observed, action: string, lane: Lane): Observed {
  const asks = lane === 'YELLOW' || lane === 'RED' ? 1 : 0
  const blocks = lane === 'BLOCKED' ? 1 : 0
  const add = (to: typeof none): typeof none => ({ actions: to.actions + 1, wouldAsk: to.wouldAsk + asks, wouldBlock: to.wouldBlock + blocks })
  const isKnown = Object.hasOwn(so.byAction, action)
  const byAction =
    isKnown || Object.keys(so.byAction).length < ACTIONS_MAX
      ? { ...so.byAction, [action]: add((isKnown && so.byAction[action]) || none) }
      : so.byAction
  return { ...add(so), byAction }
}

const many = (count: number): string => count.toLocaleString('en')

/** "of 2,311 actions 14 would have asked, 1 been blocked" */
export const observedWords = ({ actions, wouldAsk, wouldBlock }: Observed): string =>
  `of ${many(actions)} actions ${many(wouldAsk)} would have asked, ${many(wouldBlock)} been blocked`
