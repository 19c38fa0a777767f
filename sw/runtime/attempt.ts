/** One attempt at what is due: asked for, claimed, leased, run, judged; each step is a file of its own. */
import { declaredOf } from '../core/action-of.ts'
import { ownerPrincipal, type ReceiptRecord } from '../core/receipt-record.ts'
import { runLocal } from '../core/run-local.ts'
import type { ActionDeclaration, Actions, HttpEffectDeclaration } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { PagesDep } from '../ports/pages.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Grants } from './grants.ts'
import type { Outcomes } from './outcomes.ts'
import type { SendHttp } from './send-http.ts'
import type { ServerLedger } from './server-ledger.ts'

type Deps = ClockDep &
  NetworkDep &
  PagesDep & {
    readonly actions: Actions
    readonly grants: Grants
    readonly http: SendHttp
    readonly outcomes: Outcomes
    readonly server: ServerLedger
  }

export type Attempt = {
  /** `free`: called when its effect has been answered, so that another may start while this one's fact is written. */
  one(record: ReceiptRecord, free: () => void): Promise<unknown>
  /** Several of one batch route, in one request; all of one person. */
  many(records: readonly ReceiptRecord[], effect: HttpEffectDeclaration): Promise<void>
}

export function createAttempt(deps: Deps): Attempt {
  const { tell, later, againAt } = deps.outcomes
  const { isOpen, isRunnable, isGateSure, grant, lease, adopt } = deps.grants
  const { carriedFor, sendOne, sendBatch } = deps.http

  /**
   * Asks the ledger what became of a receipt. Where another device holds it, that one is given a lease's time to say so; what the ledger does
   * not know even then is a person's to decide.
   */
  async function resolve(record: ReceiptRecord): Promise<unknown> {
    const word = await deps.server.ask(record)
    if (!word.ok) return word.error.kind === 'auth' ? null : tell(record.id, { kind: 'unresolved', dueAt: againAt(record, word.error.waitMs) })
    if (word.value && word.value.state !== 'claimed') return adopt(record, word.value.state, word.value.result)
    const isAtWork = word.value !== null && word.value.fence !== record.fence && record.dueAt - record.updatedAt < LIMITS.leaseMs
    return tell(record.id, { kind: 'unresolved', dueAt: isAtWork ? deps.clock.now() + LIMITS.leaseMs : null })
  }

  return {
    async one(record, free) {
      if (record.state === 'unknown') return resolve(record)
      const declared = declaredOf(deps.actions, record)
      if (!(await isRunnable(record, declared)) || !declared) return
      const { effect } = declared
      if (effect.kind === 'local') return tell(record.id, runLocal(effect, record.call))
      if (effect.kind === 'http' && !deps.network.online()) return
      // What no page could run now is not claimed either: another device of this person may have one.
      if (effect.kind === 'page' && !(await deps.pages.isAnyOpen())) return later(record, 'page', { floorMs: LIMITS.lingerMs })
      if (!(await isGateSure([record]))) return
      const granted = await grant(record, declared)
      if (!granted) return
      if (effect.kind === 'http') {
        const carried = await carriedFor([record], ownerPrincipal(record))
        const leased = carried && (await lease(granted))
        return leased && sendOne(leased, effect, carried, free)
      }
      const leased = await lease(granted)
      if (!leased) return
      const { id, attempts, call } = leased
      if (!(await deps.pages.sendToOne({ type: 'maestro:page-effect', id, attempt: attempts, name: effect.name, params: call.params })))
        await later(leased, 'page', { floorMs: LIMITS.lingerMs })
    },
    async many(records, effect) {
      const runnable: { record: ReceiptRecord; declared: ActionDeclaration }[] = []
      for (const record of records) {
        const declared = declaredOf(deps.actions, record)
        if ((await isRunnable(record, declared)) && declared) runnable.push({ record, declared })
      }
      if (!deps.network.online() || !(await isGateSure(runnable.map(({ record }) => record)))) return
      const granted = (await Promise.all(runnable.map(({ record, declared }) => grant(record, declared)))).filter((each) => each !== null)
      const [first] = granted
      if (!first || !effect.batch) return
      const owner = ownerPrincipal(first.record)
      const carried = await carriedFor(
        granted.map(({ record }) => record),
        owner,
      )
      if (!carried) return
      const leased = (await Promise.all(granted.map(lease))).filter((record) => record !== null)
      // A stop may have come between the first lease and the last: it holds for all of them.
      const going = leased.filter(isOpen)
      const held = leased.filter((record) => !going.includes(record))
      await Promise.all([sendBatch(going, effect, effect.batch.url, carried), ...held.map((record) => later(record, 'ledger'))])
    },
  }
}
