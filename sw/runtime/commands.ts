/** What each command of the table does. Arguments arrive parsed; every answer is data. */
import { GENESIS } from '../../src/audit/entry.ts'
import { verifyChain } from '../../src/audit/verify.ts'
import { digestBytes } from '../../src/base/digest.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import type { CommandArgs, CommandName } from '../../src/protocol/commands.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { AuditReport, GateView, HealthReport, OutboxPage, Principal } from '../../src/protocol/views.ts'
import { receiptId } from '../core/admit.ts'
import type { Fact } from '../core/apply-fact.ts'
import { resultOf } from '../core/run-local.ts'
import { keepsPlace } from '../core/next-due.ts'
import { receiptView, type Surroundings } from '../core/project.ts'
import type { State } from '../core/receipt-record.ts'
import { actionOf } from '../core/action-of.ts'
import { isOff } from '../core/gate-state.ts'
import type { Actions } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { KeyringDep } from '../ports/keyring.ts'
import type { LedgerStoreDep, ReceiptRow } from '../ports/ledger-store.ts'
import { makeCapability } from './capability.ts'
import type { Rescue } from './capsule.ts'
import type { Execute } from './execute.ts'
import type { Gate } from './gate.ts'
import type { Hooks } from './kit.ts'
import { isOwnedBy, type Held, type Ledger } from './ledger.ts'
import type { Reporter } from './reporter.ts'
import type { Session } from './session.ts'

/** What a call's page said about itself: its window switch. */
export type CallContext = { readonly gate: GateView }

export type Commands = {
  readonly [N in CommandName]: (args: CommandArgs<N>, context: CallContext) => Promise<Result<unknown, Failure>>
}

type Deps = ClockDep &
  KeyringDep &
  LedgerStoreDep & {
    readonly actions: Actions
    readonly execute: Execute
    readonly gate: Gate
    readonly hooks: Hooks
    readonly ledger: Ledger
    readonly reporter: Reporter
    readonly rescue: Rescue | null
    readonly session: Session
    readonly surroundings: () => Surroundings
    /** Looks, in a quiet moment, for rows that nothing leads to any more. */
    readonly comb: () => Promise<void>
    readonly health: (gate: GateView) => Promise<HealthReport>
    /** Lets the pump look again; the event stays alive until it has. */
    readonly poke: (hint?: { readonly isNetworkBack: boolean }) => void
  }

const done = ok(null)
const isCancelled = (state: State): boolean => state === 'cancelled'
const noCapsules = err(failure('COMMAND_UNKNOWN', 'built without rescue capsules'))

export function createCommands(deps: Deps): Commands {
  /** What a page says came of its effect. One that has no handler for it has not begun: another page is asked later. */
  function factOf({ ok: isDone, value, message, declined }: CommandArgs<'pageEffect'>['outcome']): Fact {
    if (declined) return { kind: 'postponed', dueAt: deps.clock.now() + LIMITS.lingerMs, waiting: 'page', counts: false }
    if (isDone) return resultOf(value ?? null, 'the page')
    return { kind: 'dead', failure: failure('EFFECT_REJECTED', message ?? 'the page could not do it') }
  }

  /** A receipt of the person who is signed in, by its id or made from its key; nobody else's is there. */
  async function mine(idOf: (principal: Principal) => string): Promise<Result<Held | null, Failure>> {
    const principal = deps.session.principal()
    if (!principal) return ok(null)
    const found = await deps.ledger.find(idOf(principal))
    return found.ok && found.value && !isOwnedBy(found.value, principal) ? ok(null) : found
  }

  const byKey = (key: string): ReturnType<typeof mine> => mine((principal) => receiptId(principal, key))

  /**
   * A fact about one of the principal's own receipts; `otherwise` when it can no longer happen. The same command again, from a page that
   * lost our answer, finds what it asked for.
   */
  async function tell(
    key: string,
    gate: GateView,
    fact: Fact,
    isThere: (state: State) => boolean,
    otherwise: Failure,
  ): Promise<Result<null, Failure>> {
    await ready(gate)
    const found = await byKey(key)
    if (!found.ok) return found
    if (!found.value) return err(failure('RECEIPT_UNKNOWN', 'no receipt has this key'))
    const { id, state } = found.value.record
    if (isThere(state)) return done
    const changed = await deps.ledger.change(id, fact)
    if (!changed.ok) return changed
    deps.poke()
    return changed.value ? done : err(otherwise)
  }

  let isCombed = false

  /** Off, on a device where MAESTRO never was: asking must not make what is not there. */
  const isUntouched = async (gate: GateView): Promise<boolean> => isOff(gate) && !(await deps.store.exists())

  /** Nothing of MAESTRO's is opened or made while it is off, unless it lies there already. */
  const ready = async (gate: GateView): Promise<void> => {
    if (gate.cause === 'env' || gate.cause === 'window' || (await isUntouched(gate))) return
    await deps.session.load()
    if (!deps.session.principal() || !(await deps.ledger.open()).ok || isCombed) return
    isCombed = true
    void deps.comb()
  }

  /** Work for whoever is signed in; nobody's while nobody is, and nothing new while MAESTRO is off. */
  async function asPerson<T>(gate: GateView, work: (principal: Principal) => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
    await ready(gate)
    const principal = deps.session.principal()
    if (!principal) return err(failure('SIGNED_OUT', 'nobody is signed in'))
    if (await isUntouched(gate)) return work(principal)
    // What cannot be read is said to be unreadable, never shown as empty (trap 18).
    const opened = await deps.ledger.open()
    return opened.ok ? work(principal) : opened
  }

  function outbox(principal: Principal, after: number, limit: number): OutboxPage {
    const open = deps.ledger
      .waiting(principal)
      .filter(({ order, record }) => order > after && keepsPlace(record))
      .toSorted((a, b) => a.order - b.order)
    const page = open.slice(0, limit)
    const around = deps.surroundings()
    return {
      items: page.map(({ record }) => receiptView(record, around)),
      next: open.length > limit ? (page.at(-1)?.order ?? null) : null,
    }
  }

  async function verify(tries = 3): Promise<Result<AuditReport, Failure>> {
    const read = await deps.store.audit(LIMITS.auditVerifyMax)
    if (!read.ok) return err(failure('STORAGE_FAILED', `the audit chain cannot be read (${read.error.name})`))
    const report = verifyChain(read.value.entries, read.value.head)
    if (!report.intact) return ok(report)
    const last = new Map(read.value.entries.map((entry) => [entry.receipt, entry]))
    for (const entry of last.values()) {
      const row = await deps.store.get(entry.receipt)
      const sealed = row.ok ? (row.value as Partial<ReceiptRow> | undefined)?.sealed : undefined
      if (sealed instanceof Uint8Array && digestBytes(sealed) === entry.digest) continue
      // Work goes on while this reads: a chain that grew meanwhile is read again before anybody is accused.
      const now = await deps.store.audit(1)
      if (tries > 1 && now.ok && now.value.head.hash !== read.value.head.hash) return verify(tries - 1)
      return ok({ ...report, intact: false, brokenAt: entry.seq, why: 'a receipt is not the one the chain recorded' })
    }
    return ok(report)
  }

  return {
    // Answered before any key or database is open: a page learns at once who is there, and whether it is stopped.
    hello: async (_args, { gate }) => ok({ gate }),
    snapshot: async (_args, { gate }) => {
      await ready(gate)
      return ok({ ...deps.reporter.snapshot(), gate })
    },
    signIn: async ({ email, password }, { gate }) => {
      if (isOff(gate)) return err(failure('DISABLED', 'MAESTRO is off'))
      const refused = await deps.session.signIn(email, password)
      if (refused) return err(refused)
      await deps.ledger.open()
      deps.poke({ isNetworkBack: true })
      return done
    },
    signOut: async () => {
      await deps.session.signOut()
      return done
    },
    execute: async (args, { gate }) => {
      if (!isOff(gate)) await deps.session.load()
      else if (gate.cause !== 'window') await ready(gate)
      const executed = await deps.execute(args, gate)
      // Whoever is told that a person is asked finds the question in the snapshot already.
      if (executed.ok && executed.value.receipt.status === 'awaiting-approval') await deps.reporter.tell()
      return executed
    },
    lookup: async ({ key }, { gate }) => {
      await ready(gate)
      const found = await byKey(key)
      return found.ok ? ok(found.value && receiptView(found.value.record, deps.surroundings())) : found
    },
    cancel: async ({ key }, { gate }) => {
      const told = await tell(
        key,
        gate,
        { kind: 'cancelled', failure: failure('CANCELLED', 'cancelled before it ran') },
        isCancelled,
        failure('NOT_CANCELLABLE', 'it has run, or runs now'),
      )
      return told.ok ? ok(true) : told.error.code === 'NOT_CANCELLABLE' ? ok(false) : told
    },
    retry: ({ key }, { gate }) =>
      tell(
        key,
        gate,
        { kind: 'revived' },
        (state) => state === 'ready' || state === 'leased' || state === 'done',
        failure('RECEIPT_UNKNOWN', 'this cannot be retried'),
      ),
    discard: ({ key }, { gate }) =>
      tell(
        key,
        gate,
        { kind: 'cancelled', anyway: true, failure: failure('CANCELLED', 'given up; it may have run') },
        isCancelled,
        failure('NOT_CANCELLABLE', 'it has run, or runs now'),
      ),
    outbox: async ({ after, limit }, { gate }) => asPerson(gate, async (principal) => ok(outbox(principal, after ?? 0, limit))),
    export: async ({ keys }, { gate }) => asPerson(gate, async (principal) => deps.rescue?.pack(principal, keys) ?? noCapsules),
    import: async ({ capsule, code }, { gate }) => {
      if (isOff(gate)) return err(failure('DISABLED', 'MAESTRO is off'))
      const report = await asPerson(gate, async (principal) => deps.rescue?.unpack(principal, capsule, code) ?? noCapsules)
      deps.poke()
      return report
    },
    decide: async ({ id, digest, verdict, evidence }, { gate }) => {
      await ready(gate)
      const found = (await isUntouched(gate)) ? ok(null) : await mine(() => id)
      if (!found.ok) return found
      if (!found.value) return err(failure('APPROVAL_GONE', 'nothing waits for this approval'))
      const { record } = found.value
      // A page that lost our answer asks again: the same decision twice is one decision.
      if (record.digest !== digest) return err(failure('APPROVAL_CHANGED', 'this is not what you were shown'))
      if (verdict === 'approve' ? record.approved?.digest === digest : record.state === 'denied') return done
      if (isOff(gate) && verdict === 'approve') return err(failure('DISABLED', 'MAESTRO is off; the request is kept'))
      const taken = verdict === 'approve' ? await deps.hooks.approve(record, evidence) : null
      if (taken && !taken.ok) return taken
      const fact: Fact = taken
        ? { kind: 'approved', digest, evidence: taken.value }
        : { kind: 'denied', failure: failure('DENIED', 'a person said no') }
      const changed = await deps.ledger.change(id, fact)
      if (!changed.ok) return changed
      deps.poke()
      return changed.value ? done : err(failure('APPROVAL_GONE', 'it was decided, or expired'))
    },
    agent: async ({ name }, { gate }) => {
      if (isOff(gate)) return err(failure('AGENT_STOPPED', 'agents are stopped while MAESTRO is off'))
      const principal = deps.session.principal()
      return principal ? ok(await makeCapability(deps, name, principal)) : err(failure('SIGNED_OUT', 'nobody is signed in'))
    },
    pageEffect: async ({ id, attempt, outcome }, { gate }) => {
      if (await isUntouched(gate)) return done
      const found = await deps.ledger.find(id)
      if (!found.ok) return found
      const record = found.value?.record
      // A page answers for what a page was asked to do, and for nothing else.
      if (!record || actionOf(deps.actions, record.call.action)?.effect.kind !== 'page' || record.attempts !== attempt) return done
      if (record.state !== 'leased' && record.state !== 'unknown') return done
      const changed = await deps.ledger.change(id, factOf(outcome))
      return changed.ok ? done : changed
    },
    audit: async ({ limit }, { gate }) => {
      if (await isUntouched(gate)) return ok([])
      const read = await deps.store.audit(limit)
      return read.ok ? ok(read.value.entries) : err(failure('STORAGE_FAILED', 'the audit chain cannot be read'))
    },
    verifyAudit: async (_args, { gate }) => ((await isUntouched(gate)) ? ok({ intact: true, entries: 0, head: GENESIS.hash }) : verify()),
    health: async (_args, { gate }) => ok(await deps.health(gate)),
    refreshGate: async () => {
      await deps.gate.refresh()
      deps.poke()
      return done
    },
    wake: async ({ network }) => {
      deps.poke({ isNetworkBack: network ?? false })
      return done
    },
  }
}
