/** One attempt at what is due: asked for, claimed, leased, run, judged; each step is a file of its own. */
import { declaredOf } from '../core/action-of.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import { runLocal } from '../core/run-local.ts'
import type { ActionDeclaration, Actions, HttpEffectDeclaration } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { PagesDep } from '../ports/pages.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Grants } from './grants.ts'
import type { Turn } from './in-parallel.ts'
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
  /** Several only of one batch route, which take one request, and of one person. */
  readonly run: (records: readonly ReceiptRecord[], turn: Turn) => Promise<unknown>
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

  /**
   * The lease is written while others have their turn. Two have theirs first: what has no key, because a worker that dies between the two
   * leaves a question, and RED, because the gate's word is asked for right before it (law 7).
   */
  async function send(records: readonly ReceiptRecord[], effect: HttpEffectDeclaration, turn: Turn): Promise<unknown> {
    const runnable: { record: ReceiptRecord; declared: ActionDeclaration }[] = []
    for (const record of records) {
      const declared = declaredOf(deps.actions, record)
      if (declared && (await isRunnable(record, declared))) runnable.push({ record, declared })
    }
    if (!effect.keyed || records.some(({ lane }) => lane === 'RED')) await turn.take()
    if (!deps.network.online() || !(await isGateSure(records))) return
    const granted = (await Promise.all(runnable.map(({ record, declared }) => grant(record, declared)))).filter((each) => each !== null)
    const carried = await carriedFor(granted.map(({ record }) => record))
    if (!carried) return
    const leased = (await Promise.all(granted.map(lease))).filter((record) => record !== null)
    await turn.take()
    // A stop may have come since the first lease: it holds for all of them. So may their end, where others took long.
    const going = leased.filter((record) => isOpen(record) && (record.leaseUntil ?? 0) - deps.clock.now() >= LIMITS.effectTimeoutMs)
    const held = leased.filter((record) => !going.includes(record)).map((record) => later(record, 'ledger'))
    if (records.length > 1 && effect.batch) await sendBatch(going, effect, effect.batch.url, carried, turn.end)
    else await Promise.all(going.map((record) => sendOne(record, effect, carried, turn.end)))
    return Promise.all(held)
  }

  return {
    async run(records, turn) {
      const [record] = records
      if (!record) return
      if (record.state === 'unknown') return resolve(record)
      const declared = declaredOf(deps.actions, record)
      if (!declared) return
      const { effect } = declared
      if (effect.kind === 'http') return send(records, effect, turn)
      if (!(await isRunnable(record, declared))) return
      if (effect.kind === 'local') return tell(record.id, runLocal(effect, record.call))
      // What no page could run now is not claimed either: another device of this person may have one.
      if (!(await deps.pages.isAnyOpen())) return later(record, 'page', { floorMs: LIMITS.lingerMs })
      if (!(await isGateSure([record]))) return
      const granted = await grant(record, declared)
      const leased = granted && (await lease(granted))
      if (!leased) return
      const { id, attempts, call } = leased
      if (!(await deps.pages.sendToOne({ type: 'maestro:page-effect', id, attempt: attempts, name: effect.name, params: call.params })))
        await later(leased, 'page', { floorMs: LIMITS.lingerMs })
    },
  }
}
