/** The shape of the page's side of MAESTRO, as an app sees it. */
import type { Json, JsonObject } from '../base/json.ts'
import type { Failure } from '../protocol/failure.ts'
import type { Answer } from '../protocol/messages.ts'
import type { Source } from '../protocol/source.ts'
import type {
  AuditEntryView,
  AuditReport,
  Capsule,
  GateView,
  HealthReport,
  ImportReport,
  OutboxPage,
  ReceiptView,
  Snapshot,
  Status,
} from '../protocol/views.ts'

export type ExecuteOptions = {
  /** Idempotency key, ≤ 255 characters; UUIDv7 when absent. The same key and parameters give the first result again. */
  readonly key?: string
  /** The texts the intent was made from. */
  readonly sources?: readonly Source[]
  /** The agent's own explanation, shown last in the dialog. */
  readonly reason?: string
  /** How sure the agent is of this, 0 to 1; a policy may ask a person below a bound of its own. */
  readonly confidence?: number
  /** The app's own path: runs once when MAESTRO is off and the action's `whenOff` is `fallback` (a user's intents only). */
  readonly fallback?: () => unknown
}

/** A live view of one receipt. Not a promise: `execute` has resolved when the intent is durable or refused. */
export interface Handle {
  readonly key: string
  /** Live; the words of `STATUSES`. */
  readonly status: Status
  readonly idempotent: boolean
  readonly result?: Json
  readonly failure?: Failure
  /** Resolves with the terminal receipt, the same in every tab and after reloads. Never rejects. */
  readonly settled: Promise<Settled>
  /** Asks to cancel; resolves true when the effect will not run. */
  cancel(): Promise<boolean>
}

export type Settled = {
  readonly key: string
  readonly status: Status
  readonly result?: Json
  readonly failure?: Failure
}

/** Something that can ask for actions: the user (the client itself) or an agent's capability. */
export interface Executor {
  execute(action: string, params: JsonObject, options?: ExecuteOptions): Promise<Handle>
}

/** `evidence`: that the person proved who they are, where the approval asks for it (`verify`). */
export type Decision = { readonly id: string; readonly digest: string; readonly verdict: 'approve' | 'deny'; readonly evidence?: unknown }

export interface Maestro extends Executor {
  /** The newest snapshot; `null` before the worker has answered or while MAESTRO is off. */
  readonly snapshot: Snapshot | null
  /** Calls back with every new snapshot; returns the way to stop. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void
  /** An agent's capability, made by the worker; an agent's name in a payload means nothing. */
  agent(name: string): Promise<Executor & { readonly name: string }>
  signIn(credentials: { readonly email: string; readonly password: string }): Promise<Failure | null>
  signOut(): Promise<void>
  /** A handle on a receipt that exists, by its key. */
  handle(key: string): Promise<Handle | null>
  receipt(key: string): Promise<ReceiptView | null>
  /** Approve or deny the exact call that `digest` names. */
  decide(decision: Decision): Promise<Failure | null>
  /** Sends a dead or unknown receipt again, or takes an exported one back. */
  retry(key: string): Promise<Failure | null>
  /** Gives up on a receipt; it may have run. */
  discard(key: string): Promise<Failure | null>
  /**
   * One page of what waits or failed, oldest first; `limit` is 1 to 200 (100 when absent), `after` the `next` of the page before.
   *
   * @throws when it cannot be known: an empty page would say that nothing waits.
   */
  outbox(options?: { readonly after?: number; readonly limit?: number }): Promise<OutboxPage>
  /** A new intent, under a new key, in the place of a dead one: the old receipt ends, its sequence goes on with this one. */
  edit(key: string, params: JsonObject, options?: { readonly key?: string }): Promise<Handle>
  /** Seals unsent work (all of it when no keys are named) into a text for another browser. Here it is held until `retry` takes it back. */
  export(options?: { readonly keys?: readonly string[] }): Promise<Capsule | Failure>
  /** Takes in what another browser of the same person sealed. Nothing runs twice. */
  import(sealed: { readonly capsule: string; readonly code: string }): Promise<ImportReport | Failure>
  audit(options?: { readonly limit?: number }): Promise<readonly AuditEntryView[]>
  verifyAudit(): Promise<AuditReport>
  health(): Promise<HealthReport>
  /** A command of a kit that the worker was built with; `COMMAND_UNKNOWN` where it was not. Whoever calls it parses the answer. */
  command<T>(name: string, args?: Record<string, unknown>): Promise<Answer<T>>
  /** Runs one of the app's own ONNX models in a worker that was built with `infer(…)`; `COMMAND_UNKNOWN` in any other. */
  infer(model: string, inputs: Record<string, unknown>): Promise<Answer<Json>>
  /** Asks the worker to fetch the kill document now. */
  refreshGate(): Promise<void>
  /** Why MAESTRO is off for this page, or `null` while it runs. Read anew at every use. */
  readonly off: GateView['cause'] | null
  /** Registers what a `page` effect does; returns the way to stop. At most one open page is asked, at most once. */
  onPageEffect(name: string, handler: (params: JsonObject) => Promise<Json> | Json): () => void
  /** Lets an update take over once no effect runs, when one waits. Pages reload themselves on `controllerchange` if they want to. */
  handOver(): void
}
