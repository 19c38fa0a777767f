/** Sends leased http effects, alone or in a batch, with a token of their owner, and tells each receipt what its answer means. */
import { failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { judgeAnswer, type Judgement } from '../core/judge-answer.ts'
import { ownerPrincipal, type ReceiptRecord } from '../core/receipt-record.ts'
import type { HttpEffectDeclaration } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { HttpEffectDep, HttpOutcome } from '../ports/http-effect.ts'
import type { Hooks } from './kit.ts'
import type { Outcomes } from './outcomes.ts'
import type { Session } from './session.ts'

type Deps = ClockDep &
  HttpEffectDep & {
    readonly hasServer: boolean
    readonly hooks: Hooks
    readonly outcomes: Outcomes
    readonly session: Session
  }

/** What a request brings along: its person's token, and each receipt's own proof. Got before the leases (law 4). */
export type Carried = { readonly bearer: string | null; readonly proofs: ReadonlyMap<string, string | undefined> }

export type SendHttp = {
  /** Those that a batch route refused with the rest of it: sent by themselves while this worker lives, which is not long. */
  readonly alone: ReadonlySet<string>
  /** Of one person. */
  carriedFor(records: readonly ReceiptRecord[]): Promise<Carried | null>
  /** `answered` is called when nothing of it is on its way any more. */
  sendOne(record: ReceiptRecord, effect: HttpEffectDeclaration, carried: Carried, answered: () => void): Promise<void>
  /** All of one person, under their leases. */
  sendBatch(leased: readonly ReceiptRecord[], effect: HttpEffectDeclaration, url: string, carried: Carried, answered: () => void): Promise<void>
}

/** Too large, not there, not understood: of a whole batch that says nothing about any one of its items. */
const isRouteRefused = (status: number): boolean => status >= 400 && status < 500 && ![401, 408, 409, 425, 429].includes(status)

export function createSendHttp(deps: Deps): SendHttp {
  const { tell, later, insist } = deps.outcomes
  const alone = new Set<string>()

  /** Due at once, with a lease of its own. */
  const again = ({ id, attempts }: ReceiptRecord): Promise<unknown> =>
    tell(id, { kind: 'postponed', dueAt: deps.clock.now(), waiting: 'ledger', counts: false, attempt: attempts })

  /** The token that took a refused one's place. */
  let renewed: string | null = null

  /** What an answer means for its receipt. */
  async function conclude(record: ReceiptRecord, effect: HttpEffectDeclaration, judged: Judgement): Promise<unknown> {
    if (judged.kind === 'done') return insist(record, { kind: 'done', result: judged.result })
    if (judged.kind === 'refused' || judged.kind === 'dead') return insist(record, judged)
    if (judged.kind === 'auth') {
      deps.session.refuse(ownerPrincipal(record))
      return later(record, 'sign-in', { floorMs: LIMITS.backoffBaseMs })
    }
    if (judged.kind === 'later' && (effect.keyed || !judged.mayHaveRun))
      return later(record, 'retry', { floorMs: judged.waitMs, counts: judged.counts, failure: judged.failure })
    // No answer: the same key may be sent again where the back end keeps it; elsewhere only the ledger or a person can know.
    if (effect.keyed) return later(record, 'network')
    return tell(record.id, {
      kind: 'unknown',
      asks: deps.hasServer,
      attempt: record.attempts,
      failure: failure('OUTCOME_UNKNOWN', 'no answer came; the effect may have happened'),
    })
  }

  const checked = async (effect: HttpEffectDeclaration, outcome: HttpOutcome): Promise<HttpOutcome> => {
    if (outcome.kind !== 'answer' || outcome.status >= 300 || !effect.answer) return outcome
    const { issues } = await Promise.resolve(effect.answer['~standard'].validate(outcome.body)).catch(() => ({ issues: [] }))
    return issues ? { kind: 'unreadable', status: outcome.status } : outcome
  }

  /** What the work of one person brings along, or `null` when it must wait; then each receipt knows for what. */
  async function carriedFor(records: readonly ReceiptRecord[]): Promise<Carried | null> {
    const [first] = records
    if (!first) return null
    const token = await deps.session.token(ownerPrincipal(first))
    if (token.kind === 'token' || token.kind === 'local') {
      const proofs = await Promise.all(records.map(async (record) => [record.id, await deps.hooks.attest(record)] as const)).catch(() => null)
      if (proofs) return { bearer: token.kind === 'token' ? token.token : null, proofs: new Map(proofs) }
    }
    const waiting = token.kind === 'sign-in' ? token.kind : 'network'
    await Promise.all(records.map((record) => later(record, waiting)))
    return null
  }

  /**
   * A refused token is renewed once for all, and each receipt begins again with a lease of its own; when the renewed one is refused
   * too, its person must sign in.
   */
  async function renew(records: readonly ReceiptRecord[], owner: Principal, refused: string): Promise<void> {
    if (refused === renewed) deps.session.refuse(owner)
    const present = await deps.session.token(owner)
    const fresh = present.kind === 'token' && present.token === refused ? await deps.session.token(owner, true) : present
    if (fresh.kind === 'token') renewed = fresh.token
    await Promise.all(
      records.map((record) => {
        if (fresh.kind !== 'token') return later(record, fresh.kind === 'network' ? 'network' : 'sign-in')
        return again(record)
      }),
    )
  }

  async function sendOne(record: ReceiptRecord, effect: HttpEffectDeclaration, { bearer, proofs }: Carried, answered: () => void): Promise<void> {
    const { key, call } = record
    const outcome = await deps.http.send({
      method: effect.method,
      url: effect.url,
      key,
      params: call.params,
      token: bearer,
      proof: proofs.get(record.id),
    })
    answered()
    if (bearer !== null && judgeAnswer(outcome).kind === 'auth') await renew([record], ownerPrincipal(record), bearer)
    else await conclude(record, effect, judgeAnswer(await checked(effect, outcome)))
  }

  async function sendBatch(
    leased: readonly ReceiptRecord[],
    effect: HttpEffectDeclaration,
    url: string,
    carried: Carried,
    answered: () => void,
  ): Promise<void> {
    const { bearer, proofs } = carried
    const [first] = leased
    if (!first) return
    const items = leased.map(({ id, key, call }) => ({ key, params: call.params, proof: proofs.get(id) }))
    const sent = await deps.http.sendBatch({ url, items, token: bearer })
    answered()
    if (bearer !== null && 'status' in sent && sent.status === 401) return renew(leased, ownerPrincipal(first), bearer)
    // The route itself was refused, not what it carried: then each begins again on its own way, with a lease of its own.
    if (sent.kind !== 'answers' && sent.kind !== 'lost' && isRouteRefused(sent.status)) {
      for (const { id } of leased) alone.add(id)
      await Promise.all(leased.map(again))
      return
    }
    await Promise.all(
      leased.map(async (record) => {
        const outcome = sent.kind === 'answers' ? (sent.byKey.get(record.key) ?? { kind: 'unreadable' as const, status: 200 }) : sent
        await conclude(record, effect, judgeAnswer(await checked(effect, outcome)))
      }),
    )
  }

  return { alone, carriedFor, sendOne, sendBatch }
}
