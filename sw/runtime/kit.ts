/**
 * Kits: what an app adds to its worker. A kit gets what it may use and gives back hooks; the runtime calls all kits' hooks as one.
 *
 * K1 A kit can only make things stricter: the highest lane of the app's rules and every kit wins, and any refusal refuses.
 * K2 No hook is waited for between a lease and its effect (law 4).
 * K3 A hook that throws, or does not settle in time, makes nothing easier and stops nobody else: what it would have judged is asked of a person,
 *    what it would have checked waits.
 */
import type { Json } from '../../src/base/json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import type { Verdict } from '../../src/policy/judge.ts'
import type { Directories } from '../../src/policy/lane-rules.ts'
import { stricter } from '../../src/policy/stricter.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
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
import { inTime } from './in-time.ts'
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
    /** Whether this build is switched on at all: one that is not fetches and keeps nothing. */
    readonly isBuiltOn: boolean
    readonly ledger: Ledger
    readonly gate: Gate
    readonly time: ServerTime
    readonly counters: Counters
    principal(): Principal | null
    /** A usable access token of exactly this person; `null` while they are not signed in: work never travels under somebody else's (trap 10). */
    token(owner: Principal): Promise<string | null>
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
  /** Before the first lease since it was admitted or revived; a failure ends the receipt as refused, `wait` has it looked at again later. */
  recheck?(record: ReceiptRecord): Promise<Failure | 'wait' | null>
  /** What holds for this subject beyond the gate's general answer: held, never dropped. */
  stop?(subject: Subject): GateState | null
  /** A compact token that the request carries: header `maestro-receipt`, `proof` of a batch item. Where it rejects, the request waits. */
  attest?(record: ReceiptRecord): Promise<string | undefined>
  /** A digest of the parameters, keyed so that the ledger can compare it and cannot guess from it; `null` while the person's devices share no key. */
  digest?(record: ReceiptRecord): Promise<string | null>
  /** Adds to what the dialog is shown. */
  present?(view: ApprovalView, record: ReceiptRecord): ApprovalView
  /** A receipt was read or committed. */
  changed?(record: ReceiptRecord): void
  /** Once for each worker, after keys and session; again later where it rejects. */
  start?(): Promise<void>
}

export type Kit = (host: KitHost) => KitHooks

export type Hooks = {
  /** Whether a kit judges intents: it does so by what was before. */
  readonly isJudging: boolean
  readonly commands: Readonly<Record<string, KitCommand>>
  judge(asked: Asked, verdict: Verdict): Promise<Judged>
  approve(record: ReceiptRecord, evidence: unknown): Promise<Result<Json | undefined, Failure>>
  recheck(record: ReceiptRecord): Promise<Failure | 'wait' | null>
  gate(view: GateView, subject: Subject): GateView
  /** Whether a kit holds this receipt's effect, whatever the gate says in general. */
  holds(record: ReceiptRecord): boolean
  attest(record: ReceiptRecord): Promise<string | undefined>
  digest(record: ReceiptRecord): Promise<string | null>
  present(view: ApprovalView, record: ReceiptRecord): ApprovalView
  changed(record: ReceiptRecord): void
  /** Never rejects; false while a kit is to be started again. */
  start(): Promise<boolean>
}

const STATES: readonly GateState[] = ['run', 'drain', 'readonly', 'kill', 'safe-worker']

/** How strict it is: up to 1 effects start. */
const rank = (state: GateState): number => STATES.indexOf(state)

const UNCHECKED = 'a check gave no answer'

const quietly = <T>(ask: () => T, otherwise: T): T => {
  try {
    return ask()
  } catch {
    return otherwise
  }
}

type Asking = 'judge' | 'approve' | 'recheck' | 'attest' | 'digest'

/** All kits as one. */
export function allOf(kits: readonly KitHooks[]): Hooks {
  /** The hooks of one name, each bounded in time. */
  const all = <K extends Asking>(name: K): readonly NonNullable<KitHooks[K]>[] =>
    (kits as readonly { readonly [N in K]?: (...args: unknown[]) => unknown }[])
      .filter((kit) => kit[name])
      .map((kit) => ((...args: unknown[]) => inTime(() => kit[name]?.(...args))) as unknown as NonNullable<KitHooks[K]>)
  let idle = [...kits]
  const stopOf = (kit: KitHooks, subject: Subject): GateState => quietly(() => kit.stop?.(subject) ?? 'run', 'readonly')
  return {
    isJudging: kits.some(({ judge }) => judge),
    holds: ({ call: { action, agent, tenant, principal: user } }) =>
      kits.some((kit) => rank(stopOf(kit, { action, agent, principal: { tenant, user } })) > 1),
    commands: Object.assign({}, ...kits.map(({ commands }) => commands)),
    async judge(asked, verdict) {
      let said: Judged = verdict
      for (const judge of all('judge')) said = stricter(said, await judge(asked).catch((): Judged => ({ lane: 'RED', reasons: [UNCHECKED] })))
      return said
    },
    async approve(record, evidence) {
      let kept: Json | undefined
      for (const approve of all('approve')) {
        const taken = await approve(record, evidence).catch(() => err(failure('WORKER_FAULT', UNCHECKED)))
        if (!taken.ok) return taken
        kept = taken.value ?? kept
      }
      return ok(kept)
    },
    async recheck(record) {
      for (const recheck of all('recheck')) {
        const why = await recheck(record).catch(() => 'wait' as const)
        if (why) return why
      }
      return null
    },
    gate: (view, subject) =>
      kits.reduce((now, kit) => {
        const state = stopOf(kit, subject)
        return rank(state) > rank(now.state) ? { ...now, state, cause: 'remote' } : now
      }, view),
    attest: async (record) => (await Promise.all(all('attest').map((attest) => attest(record)))).find((token) => token !== undefined),
    digest: async (record) => all('digest')[0]?.(record) ?? null,
    present: (view, record) => kits.reduce((now, kit) => quietly(() => kit.present?.(now, record) ?? now, now), view),
    changed(record) {
      for (const kit of kits) quietly(() => kit.changed?.(record), undefined)
    },
    async start() {
      const due = idle
      idle = []
      // One that is still at it after its time is left to it; one that failed is started again.
      const begin = (kit: KitHooks): Promise<unknown> => inTime(async () => kit.start?.().catch(() => idle.push(kit))).catch(() => undefined)
      await Promise.all(due.map(begin))
      return idle.length === 0
    },
  }
}
