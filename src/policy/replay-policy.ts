import { own } from '../base/own.ts'
import type { JsonObject } from '../base/json.ts'
import { LANES, type Lane } from '../protocol/views.ts'
import type { Declared } from './declared.ts'
import { judgeCall } from './judge-call.ts'
import type { Policy } from './policy-data.ts'
import { amountIn, targetsIn } from './measures.ts'
import type { Session } from './session.ts'
import { forget, isCounted, reserve, type Spending } from './spending.ts'

/** A receipt, as much of it as a verdict depends on. */
export type Recorded = {
  readonly id: string
  readonly action: string
  readonly agent: string | null
  readonly params: JsonObject
  readonly at: number
  readonly lane: Lane
  /** What the session was then, where it was kept; absent: nothing is known of it. */
  readonly session?: Session
}

export type Changed = {
  readonly id: string
  readonly action: string
  readonly agent: string | null
  readonly at: number
  readonly from: Lane
  readonly to: Lane
  readonly reasons: readonly string[]
}

export type ReplayReport = {
  readonly actions: number
  readonly wouldAsk: number
  readonly wouldBlock: number
  readonly wouldRun: number
  readonly changes: readonly Changed[]
}

/** Rules of the session are asked only where the session was kept: of a call without one, only what the policy itself says counts. */
const NO_SESSION: Session = { said: [], seen: [], past: [] }

/**
 * What a policy would have said of calls that were made under another: oldest first, each reserving its budget as it would have. Lanes only the app's own rules
 * gave stay as they were recorded; a policy can only raise them.
 */
export function replayPolicy(policy: Policy, declared: Readonly<Record<string, Declared>>, receipts: readonly Recorded[]): ReplayReport {
  const changes: Changed[] = []
  let spending: Spending = []
  const counts = { wouldAsk: 0, wouldBlock: 0, wouldRun: 0 }
  for (const receipt of receipts.toSorted((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1))) {
    const { id, action, agent, params, at, lane, session } = receipt
    const known = own(declared, action)
    let to: Lane = known === undefined ? 'BLOCKED' : lane
    let reasons: readonly string[] = known === undefined ? ['the action is not declared any more'] : []
    if (known !== undefined && agent !== null) {
      const verdict = judgeCall(known, { id, agent, params, at }, session ?? NO_SESSION, { policy, spending })
      const own = session ? verdict.findings : verdict.findings.filter(({ rule }) => rule !== 'not-asked-for' && rule !== 'detour')
      const highest = own.reduce<Lane>((high, each) => (LANES.indexOf(each.lane) > LANES.indexOf(high) ? each.lane : high), 'GREEN')
      if (LANES.indexOf(highest) > LANES.indexOf(to)) to = highest
      reasons = own.filter((each) => each.lane === to).map(({ because }) => because)
      const budgets = policy.budgets ?? []
      if (to !== 'BLOCKED' && isCounted(budgets, { action, agent }))
        spending = reserve(forget(spending, budgets, at, 0), {
          id,
          action,
          agent,
          at,
          amount: amountIn(known, params),
          targets: targetsIn(known, params),
          state: 'committed',
        })
    }
    if (to === 'BLOCKED') counts.wouldBlock += 1
    else if (to === 'GREEN') counts.wouldRun += 1
    else counts.wouldAsk += 1
    if (to !== lane) changes.push({ id, action, agent, at, from: lane, to, reasons })
  }
  return { actions: receipts.length, ...counts, changes }
}
