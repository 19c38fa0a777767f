/**
 * Kits: what an app adds to its worker. A kit gets what it may use and gives back hooks; the runtime calls all kits' hooks as one.
 *
 * K1 A kit can only make things stricter: the highest lane of the app's rules and every kit wins, and any refusal refuses.
 * K2 No hook is waited for between a lease and its effect (law 4).
 */
import type { Json } from '../../src/base/json.ts'
import { ok, type Result } from '../../src/base/result.ts'
import type { Verdict } from '../../src/policy/judge.ts'
import type { Directories } from '../../src/policy/lane-rules.ts'
import { stricter } from '../../src/policy/stricter.ts'
import type { Failure } from '../../src/protocol/failure.ts'
import type * as v from '../../src/protocol/schema.ts'
import type { Source } from '../../src/protocol/source.ts'
import type { ApprovalView, GateState, GateView, Principal } from '../../src/protocol/views.ts'
import type { Intent } from '../core/admit.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import type { ActionDeclaration, Actions } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { FlagSourceDep } from '../ports/flag-source.ts'
import type { GateStoreDep } from '../ports/gate-store.ts'
import type { HttpEffectDep } from '../ports/http-effect.ts'
import type { KeyringDep } from '../ports/keyring.ts'
import type { LedgerStoreDep } from '../ports/ledger-store.ts'
import type { LogDep } from '../ports/log.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { PagesDep } from '../ports/pages.ts'
import type { RandomDep } from '../ports/random.ts'
import type { SecretStoreDep } from '../ports/secret-store.ts'
import type { Counters } from './counters.ts'
import type { Gate } from './gate.ts'
import type { Ledger } from './ledger.ts'
import type { ServerTime } from './server-time.ts'

export type KitHost = ClockDep &
  /** The gate asks these two after kits are made: a kit may put methods of its own before them. */
  FlagSourceDep &
  GateStoreDep &
  HttpEffectDep &
  KeyringDep &
  LedgerStoreDep &
  LogDep &
  NetworkDep &
  PagesDep &
  RandomDep &
  SecretStoreDep & {
    readonly actions: Actions
    readonly directories: Directories
    readonly origin: string
    readonly ledger: Ledger
    readonly gate: Gate
    readonly time: ServerTime
    readonly counters: Counters
    principal(): Principal | null
    /** The signed-in person's access token; `null` while there is none. */
    token(): Promise<string | null>
    /** Tells pages that what they see has changed. */
    changed(): void
    /** Lets the pump look again. */
    poke(): void
  }

export type KitCommand = {
  readonly args: v.GenericSchema
  // The schema beside it has parsed the arguments.
  // oxlint-disable-next-line typescript/no-explicit-any
  run(args: any, context: { readonly gate: GateView }): Promise<Result<unknown, Failure>>
}

export type Asked = { readonly intent: Intent; readonly declared: ActionDeclaration; readonly principal: Principal }

/** A kit's word on an intent; `sources` takes the place of what the page declared. */
export type Judged = Verdict & { readonly sources?: readonly Source[] }

export type Subject = { readonly action: string; readonly agent: string | null; readonly principal: Principal }

export type KitHooks = {
  /** Commands beyond the core's table. */
  readonly commands?: Readonly<Record<string, KitCommand>>
  /** Before admission. */
  judge?(asked: Asked): Promise<Judged | null>
  /** Before a person's "approve" is taken: a refusal, or the evidence that the receipt keeps. */
  approve?(record: ReceiptRecord, evidence: unknown): Promise<Result<Json | null, Failure>>
  /** Before the first lease; a failure ends the receipt as refused. */
  recheck?(record: ReceiptRecord): Promise<Failure | null>
  /** What holds for this subject beyond the gate's general answer: held, never dropped. */
  stop?(subject: Subject): GateState | null
  /** A compact token that the request carries: header `maestro-receipt`, `proof` of a batch item. Where it rejects, the request waits. */
  attest?(record: ReceiptRecord): Promise<string | undefined>
  /** A digest of the parameters, keyed so that the ledger can compare it and cannot guess from it; `null` while the person's devices share no key. */
  digest?(record: ReceiptRecord): Promise<string | null>
  /** Adds to what the dialog is shown. */
  present?(view: ApprovalView, record: ReceiptRecord): ApprovalView
  /** A receipt was read or committed. Must not throw. */
  changed?(record: ReceiptRecord): void
  /** Once for each worker, after keys and session. */
  start?(): Promise<void>
}

export type Kit = (host: KitHost) => KitHooks

export type Hooks = {
  readonly commands: Readonly<Record<string, KitCommand>>
  judge(asked: Asked, verdict: Verdict): Promise<Judged>
  approve(record: ReceiptRecord, evidence: unknown): Promise<Result<Json | undefined, Failure>>
  recheck(record: ReceiptRecord): Promise<Failure | null>
  gate(view: GateView, subject: Subject): GateView
  /** Whether a kit holds this receipt's effect, whatever the gate says in general. */
  holds(record: ReceiptRecord): boolean
  attest(record: ReceiptRecord): Promise<string | undefined>
  readonly digest: ((record: ReceiptRecord) => Promise<string | null>) | undefined
  present(view: ApprovalView, record: ReceiptRecord): ApprovalView
  changed(record: ReceiptRecord): void
  start(): Promise<unknown>
}

const STATES: readonly GateState[] = ['run', 'drain', 'readonly', 'kill', 'safe-worker']

/** In these effects start. */
const RUNNING: ReadonlySet<GateState> = new Set<GateState>(['run', 'drain'])

/** All kits as one. */
export function allOf(kits: readonly KitHooks[]): Hooks {
  return {
    holds: ({ call: { action, agent, tenant, principal: user } }) =>
      kits.some((kit) => !RUNNING.has(kit.stop?.({ action, agent, principal: { tenant, user } }) ?? 'run')),
    commands: Object.assign({}, ...kits.map(({ commands }) => commands)),
    async judge(asked, verdict) {
      let said: Judged = verdict
      for (const kit of kits) said = stricter(said, (await kit.judge?.(asked)) ?? null)
      return said
    },
    async approve(record, evidence) {
      let kept: Json | undefined
      for (const kit of kits) {
        const taken = await kit.approve?.(record, evidence)
        if (taken && !taken.ok) return taken
        kept = taken?.value ?? kept
      }
      return ok(kept)
    },
    async recheck(record) {
      for (const kit of kits) {
        const why = await kit.recheck?.(record)
        if (why) return why
      }
      return null
    },
    gate: (view, subject) =>
      kits.reduce((now, kit) => {
        const state = kit.stop?.(subject)
        return state && STATES.indexOf(state) > STATES.indexOf(now.state) ? { ...now, state, cause: 'remote' } : now
      }, view),
    attest: async (record) => (await Promise.all(kits.map((kit) => kit.attest?.(record)))).find((token) => token !== undefined),
    digest: kits.find(({ digest }) => digest)?.digest,
    present: (view, record) => kits.reduce((now, kit) => kit.present?.(now, record) ?? now, view),
    changed(record) {
      for (const kit of kits) kit.changed?.(record)
    },
    start: () => Promise.all(kits.map((kit) => kit.start?.())),
  }
}
