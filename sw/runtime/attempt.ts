/**
 * Attempts at due effects: approval, claim, lease, send, judge. The lease is on disk before the effect starts (law 4); the gate
 * is asked before claim, lease and effect (law 7); what runs is what was approved, to the byte (law 6).
 */
import { actionOf } from '../core/action-of.ts'
import { digestJson } from '../../src/base/digest.ts'
import { failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Principal } from '../../src/protocol/views.ts'
import type { Fact } from '../core/apply-fact.ts'
import { backoffMs } from '../core/backoff.ts'
import { judgeAnswer, type Judgement } from '../core/judge-answer.ts'
import { runLocal } from '../core/run-local.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import type { ActionDeclaration, Actions, HttpEffectDeclaration } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { HttpEffectDep, HttpOutcome } from '../ports/http-effect.ts'
import type { LogDep } from '../ports/log.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { PagesDep } from '../ports/pages.ts'
import type { RandomDep } from '../ports/random.ts'
import { isOff, type Gate } from './gate.ts'
import { inParallel } from './in-parallel.ts'
import type { Ledger } from './ledger.ts'
import type { ServerLedger } from './server-ledger.ts'
import type { ServerTime } from './server-time.ts'
import type { Session } from './session.ts'

type Deps = ClockDep &
  HttpEffectDep &
  LogDep &
  NetworkDep &
  PagesDep &
  RandomDep & {
    readonly actions: Actions
    readonly hasServer: boolean
    readonly gate: Gate
    readonly ledger: Ledger
    readonly server: ServerLedger
    readonly session: Session
    readonly time: ServerTime
  }

export type Attempt = {
  one(record: ReceiptRecord): Promise<void>
  /** Several of one batch route, in one request; all of one person. */
  many(records: readonly ReceiptRecord[], effect: HttpEffectDeclaration): Promise<void>
}

export const mayRun = (gate: Gate): boolean => !isOff(gate.view()) && gate.view().state !== 'readonly'

export const declaredOf = (actions: Actions, { call }: ReceiptRecord): ActionDeclaration | undefined => {
  const declared = actionOf(actions, call.action)
  return declared?.version === call.version ? declared : undefined
}

/** How far the backoff has grown by waits that do not count as failures: told from the last wait itself, so nothing more is stored. */
const silentSteps = ({ attempts, waiting, dueAt, updatedAt }: ReceiptRecord): number => {
  const waitedMs = waiting === 'network' || waiting === 'ledger' || waiting === 'sign-in' ? Math.max(0, dueAt - updatedAt) : 0
  return Math.max(attempts - 1, 0, Math.ceil(Math.log2(waitedMs / LIMITS.backoffBaseMs + 1)))
}

/** Law 6: what runs is what was approved, to the byte. Anything else asks again, which is to say: never runs. */
const isApproved = ({ lane, asks, approved, call, digest }: ReceiptRecord, declared: ActionDeclaration): boolean => {
  // What was stamped, and what this build would ask for now: the stricter counts.
  const mustAsk = asks || lane === 'RED' || (lane === 'YELLOW' && declared.undoMs === undefined)
  return digestJson(call) === digest && (!mustAsk || approved?.digest === digest)
}

/** Whether the far end itself makes two of one key one; where it does not, only the shared ledger keeps two devices apart. */
const isProtected = ({ effect }: ActionDeclaration): boolean => effect.kind === 'http' && effect.keyed

/** Too large, not there, not understood: of a whole batch that says nothing about any one of its items. */
const isRouteRefused = (status: number): boolean => status >= 400 && status < 500 && ![401, 408, 409, 425, 429].includes(status)

const ownerOf = ({ call }: ReceiptRecord): Principal => ({ tenant: call.tenant, user: call.principal })

export function createAttempt(deps: Deps): Attempt {
  /** The token that took a refused one's place. */
  let renewed: string | null = null

  const tell = async (id: string, fact: Fact): Promise<ReceiptRecord | null> => {
    const changed = await deps.ledger.change(id, fact)
    return changed.ok ? changed.value : null
  }

  const later = (
    record: ReceiptRecord,
    waiting: NonNullable<ReceiptRecord['waiting']>,
    options: { floorMs?: number; counts?: boolean; failure?: ReceiptRecord['failure'] } = {},
  ): Promise<unknown> => {
    const counts = options.counts ?? false
    const failures = record.failures + (counts ? 1 : 0)
    if (counts && failures >= LIMITS.attemptsMax)
      return tell(record.id, {
        kind: 'dead',
        failure: failure('EFFECT_EXHAUSTED', `${failures} attempts failed; last: ${options.failure?.message ?? 'no answer'}`),
      })
    const dueAt = deps.clock.now() + backoffMs(counts ? failures - 1 : silentSteps(record), deps.random.unit(), options.floorMs)
    const base = { kind: 'postponed' as const, dueAt, waiting, counts, attempt: record.attempts }
    return tell(record.id, options.failure ? { ...base, failure: options.failure } : base)
  }

  const forSignIn = (record: ReceiptRecord): Promise<unknown> =>
    tell(record.id, {
      kind: 'postponed',
      dueAt: deps.clock.now() + LIMITS.backoffBaseMs,
      waiting: 'sign-in',
      counts: false,
      attempt: record.attempts,
    })

  const isLate = (record: ReceiptRecord): boolean =>
    record.approved !== null && record.attempts === 0 && record.call.expires < Math.min(deps.time.now(), deps.clock.now())

  /** An approval that ended before its first attempt runs nothing; where only this device's clock says so, the server's is asked first. */
  async function isTooLate(record: ReceiptRecord): Promise<boolean> {
    if (isLate(record) && !deps.time.isKnown()) await deps.server.catchUp(ownerOf(record))
    if (!isLate(record)) return false
    if (deps.time.isKnown()) await tell(record.id, { kind: 'expired', failure: failure('EXPIRED', 'the approval expired before it ran') })
    else await later(record, 'ledger')
    return true
  }

  /** Whether its effect may start now, as far as this device can say; what may not is told so. */
  async function isRunnable(record: ReceiptRecord, declared: ActionDeclaration | undefined): Promise<boolean> {
    if (!declared) return false
    if (await isTooLate(record)) return false
    if (!isApproved(record, declared)) {
      await tell(record.id, { kind: 'dead', failure: failure('APPROVAL_CHANGED', 'this is not what was approved') })
      return false
    }
    return mayRun(deps.gate)
  }

  /** A RED effect waits for a word of the gate that still holds. */
  async function isGateSure(records: readonly ReceiptRecord[]): Promise<boolean> {
    if (deps.hasServer && records.some(({ lane }) => lane === 'RED')) {
      await deps.gate.refresh()
      if (!deps.gate.isRunFresh()) {
        await Promise.all(records.map((record) => later(record, 'network')))
        return false
      }
    }
    return mayRun(deps.gate)
  }

  /** The shared ledger's word: a fence to go ahead with, or `null` when this attempt is over. */
  async function claim(record: ReceiptRecord, declared: ActionDeclaration): Promise<{ fence: number | null } | null> {
    const answer = await deps.server.claim(record)
    if (answer.kind === 'claimed') {
      // Who asks again after having been told has decided: the fence of that word is in the record then.
      if (!answer.isBegunElsewhere || isProtected(declared) || record.fence !== null || answer.fence === null) return { fence: answer.fence }
      await tell(record.id, {
        kind: 'unknown',
        asks: true,
        fence: answer.fence,
        failure: failure('OUTCOME_UNKNOWN', 'another device had begun this and never said how it ended'),
      })
      return null
    }
    if (answer.kind === 'settled') {
      await adopt(record, answer.state, answer.result)
      return null
    }
    const { why, waitMs } = answer
    if (why === 'key-reused')
      await tell(record.id, { kind: 'refused', failure: failure('KEY_REUSED', 'another device used this key for something else') })
    else if (why === 'in-progress') await later(record, 'ledger', { floorMs: waitMs })
    else if (why === 'auth') await forSignIn(record)
    else if (declared.offline !== 'local' && (record.lane === 'RED' || !isProtected(declared))) await later(record, 'network', { floorMs: waitMs })
    else return { fence: null }
    return null
  }

  /** Another device, or an earlier life of this one, ended it. */
  async function adopt(record: ReceiptRecord, state: string, result: Extract<Fact, { kind: 'done' }>['result']): Promise<void> {
    deps.log.line({ level: 'info', text: '[MAESTRO] Idempotent execution - returning prior result' })
    if (state === 'done') await tell(record.id, { kind: 'done', result })
    else await tell(record.id, { kind: 'dead', failure: failure('CLAIMED_ELSEWHERE', `another device ended this as ${state}`) })
  }

  /** A key that the far end may have forgotten is never sent again blindly (trap 5). */
  async function isRemembered(record: ReceiptRecord, keptUntil: number): Promise<boolean> {
    if (!deps.time.isKnown()) await later(record, 'ledger')
    else if (deps.time.now() > keptUntil)
      await tell(record.id, {
        kind: 'unknown',
        asks: deps.hasServer,
        failure: failure('OUTCOME_UNKNOWN', 'too old to be sent again: its key may be forgotten'),
      })
    else return true
    return false
  }

  type Granted = { readonly record: ReceiptRecord; readonly declared: ActionDeclaration; readonly fence: number | null }

  /** Claimed and still wanted, or `null` when it is not this attempt's to run. */
  async function grant(record: ReceiptRecord, declared: ActionDeclaration): Promise<Granted | null> {
    const claimed = await claim(record, declared)
    // The claim's answer carries the newest kill version: one that this device has not seen is looked at before anything runs (law 7).
    await deps.gate.caughtUp()
    // The claim's answer told the server's time: it may be later than this device knew.
    if (!claimed || !mayRun(deps.gate) || (await isTooLate(record))) return null
    const isAgain = record.attempts > 0 && declared.effect.kind === 'http'
    if (isAgain && record.keptUntil !== null && !(await isRemembered(record, record.keptUntil))) return null
    return { record, declared, fence: claimed.fence }
  }

  /** The lease, on disk. Whatever else an attempt needs it has by then: nothing is waited for between this and the effect (law 4). */
  async function lease({ record, declared: { effect }, fence }: Granted): Promise<ReceiptRecord | null> {
    const keptMs = Math.min(deps.server.retentionMs() ?? Infinity, (effect.kind === 'http' && effect.keptForMs) || Infinity)
    const keptUntil = Number.isFinite(keptMs) ? deps.time.now() + keptMs : null
    const leased = await tell(record.id, { kind: 'leased', until: deps.clock.now() + LIMITS.leaseMs, fence, keptUntil })
    if (!leased || mayRun(deps.gate)) return leased
    await later(leased, 'ledger')
    return null
  }

  /** A result that has arrived is recorded, also when the disk is full for a moment: told again for as long as the lease lasts (law 7). */
  async function insist(record: ReceiptRecord, fact: Fact): Promise<void> {
    while (!(await deps.ledger.change(record.id, fact)).ok && deps.clock.now() < (record.leaseUntil ?? 0))
      await deps.clock.sleep(LIMITS.backoffBaseMs, new AbortController().signal)
  }

  /** What an answer means for its receipt. */
  async function conclude(record: ReceiptRecord, effect: HttpEffectDeclaration, judged: Judgement): Promise<unknown> {
    if (judged.kind === 'done') return insist(record, { kind: 'done', result: judged.result })
    if (judged.kind === 'refused' || judged.kind === 'dead') return insist(record, judged)
    if (judged.kind === 'auth') {
      deps.session.refuse(ownerOf(record))
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

  /** A token for work of one person, or `null` when it must wait; then each receipt knows for what. */
  async function tokenFor(records: readonly ReceiptRecord[], owner: Principal): Promise<{ readonly bearer: string | null } | null> {
    const token = await deps.session.token(owner)
    if (token.kind === 'token') return { bearer: token.token }
    if (token.kind === 'local') return { bearer: null }
    await Promise.all(records.map((record) => (token.kind === 'network' ? later(record, 'network') : forSignIn(record))))
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
        if (fresh.kind === 'network') return later(record, 'network')
        if (fresh.kind !== 'token') return forSignIn(record)
        return tell(record.id, { kind: 'postponed', dueAt: deps.clock.now(), waiting: 'ledger', counts: false, attempt: record.attempts })
      }),
    )
  }

  async function sendOne(record: ReceiptRecord, effect: HttpEffectDeclaration, bearer: string | null): Promise<void> {
    const { key, call } = record
    const outcome = await deps.http.send({ method: effect.method, url: effect.url, key, params: call.params, token: bearer })
    if (bearer !== null && judgeAnswer(outcome).kind === 'auth') await renew([record], ownerOf(record), bearer)
    else await conclude(record, effect, judgeAnswer(await checked(effect, outcome)))
  }

  /** Asks the ledger what became of a receipt; what it does not know either is a person's to decide, after a few tries. */
  async function resolve(record: ReceiptRecord): Promise<void> {
    const word = await deps.server.ask(record)
    if (!word.ok) {
      if (word.error.kind === 'auth') return
      const dueAt = deps.clock.now() + backoffMs(silentSteps(record), deps.random.unit(), word.error.waitMs)
      await tell(record.id, { kind: 'unresolved', dueAt })
    } else if (word.value && word.value.state !== 'claimed') await adopt(record, word.value.state, word.value.result)
    else await tell(record.id, { kind: 'unresolved', dueAt: null })
  }

  return {
    async one(record) {
      if (record.state === 'unknown') return resolve(record)
      const declared = declaredOf(deps.actions, record)
      if (!(await isRunnable(record, declared)) || !declared) return
      const { effect } = declared
      if (effect.kind === 'local') {
        await tell(record.id, runLocal(effect, record.call))
        return
      }
      if (effect.kind === 'http' && !deps.network.online()) return
      if (!(await isGateSure([record]))) return
      const granted = await grant(record, declared)
      if (!granted) return
      if (effect.kind === 'http') {
        const token = await tokenFor([record], ownerOf(record))
        const leased = token && (await lease(granted))
        if (leased) await sendOne(leased, effect, token.bearer)
        return
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
      const owner = ownerOf(first.record)
      const token = await tokenFor(
        granted.map(({ record }) => record),
        owner,
      )
      if (!token) return
      const { bearer } = token
      const leased = (await Promise.all(granted.map(lease))).filter((record) => record !== null)
      if (leased.length === 0) return
      if (!mayRun(deps.gate)) {
        await Promise.all(leased.map((record) => later(record, 'ledger')))
        return
      }
      const items = leased.map(({ key, call }) => ({ key, params: call.params }))
      const sent = await deps.http.sendBatch({ url: effect.batch.url, items, token: bearer })
      if (bearer !== null && 'status' in sent && sent.status === 401) return renew(leased, owner, bearer)
      // The route itself was refused, not what it carried: then each goes its own way, under the lease it has.
      if (sent.kind !== 'answers' && sent.kind !== 'lost' && isRouteRefused(sent.status)) {
        await inParallel(leased, LIMITS.parallelEffectsMax, (record) =>
          mayRun(deps.gate) && deps.clock.now() < (record.leaseUntil ?? 0) ? sendOne(record, effect, bearer) : later(record, 'ledger'),
        )
        return
      }
      await Promise.all(
        leased.map(async (record) => {
          const outcome = sent.kind === 'answers' ? (sent.byKey.get(record.key) ?? { kind: 'unreadable' as const, status: 200 }) : sent
          await conclude(record, effect, judgeAnswer(await checked(effect, outcome)))
        }),
      )
    },
  }
}
