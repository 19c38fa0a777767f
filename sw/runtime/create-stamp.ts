/**
 * How an intent becomes a stamped record, whoever brought it, a page or a capsule: judged by the app's rules and by every kit.
 *
 * S1 Judging may wait; the stamps are of the moment in which they are asked for, so that nothing is waited for between them and the ledger.
 * S2 Only observed, it runs as if nobody judged it, and the verdict is kept.
 */
import { judge } from '../../src/policy/judge.ts'
import type { Directories } from '../../src/policy/lane-rules.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { admit } from '../core/admit.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { RandomDep } from '../ports/random.ts'
import type { Hooks, Judged } from './kit.ts'
import type { Ledger } from './ledger.ts'
import type { ParsedIntent } from './parse-intent.ts'
import type { ServerTime } from './server-time.ts'

type Deps = ClockDep &
  RandomDep & {
    readonly directories: Directories
    readonly origin: string
    readonly hooks: Hooks
    readonly ledger: Ledger
    readonly time: ServerTime
  }

export type Stamp = (parsed: ParsedIntent, principal: Principal, id: string) => Promise<() => ReceiptRecord>

export const createStamp =
  ({ clock, random, directories, origin, hooks, ledger, time }: Deps): Stamp =>
  async ({ intent, declared }, principal, id) => {
    const asked = { intent, declared, principal }
    const { sources = intent.sources, ...verdict } = await hooks.judge(asked, judge(declared.lane, intent.params, intent.agent, directories))
    const isObserved = declared.mode === 'observe'
    const ruling: Judged = isObserved ? { lane: 'GREEN', reasons: ['only observed'] } : verdict
    return () => {
      const stamps = { now: clock.now(), issued: time.now(), nonce: random.hex(16), seq: ledger.nextOrder(), origin, principal, id }
      const record = admit({ ...intent, sources }, declared, ruling, stamps)
      return isObserved ? { ...record, observed: { lane: verdict.lane, reasons: [...verdict.reasons] } } : record
    }
  }
