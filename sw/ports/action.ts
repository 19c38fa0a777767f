import type { Json, JsonObject } from '../../src/base/json.ts'
import type { Condition, LaneRules } from '../../src/policy/lane-rules.ts'
import type { Budget } from '../../src/policy/policy-data.ts'
import type { StandardSchema } from '../../src/protocol/standard-schema.ts'
import type { FieldView } from '../../src/protocol/views.ts'

/** Inside the worker's own store: exactly once, in the admission's own transaction. Pure and synchronous. */
export type LocalEffect = { readonly kind: 'local'; readonly run: (params: JsonObject) => Json }

/**
 * A request. Exactly once where the back end keeps the key with the effect (`keyed`, the default); otherwise an answer that
 * was lost is *outcome unknown* and never sent again by itself.
 */
export type HttpEffectDeclaration = {
  readonly kind: 'http'
  readonly method: string
  readonly url: string
  readonly keyed: boolean
  readonly answer?: StandardSchema
  /** Several due receipts in one request, each with an answer of its own. Needs a back end that keeps keys. */
  readonly batch?: { readonly url: string; readonly max: number }
  /** How long the back end remembers a key, ms; an older attempt is reconciled, never repeated blindly. Absent: for ever. */
  readonly keptForMs?: number
}

/** Needs an open page; at most once. `name` is what the page registered. */
export type PageEffect = { readonly kind: 'page'; readonly name: string }

export type Effect = LocalEffect | HttpEffectDeclaration | PageEffect

/** A named, versioned operation that an app allows. What is not declared is BLOCKED. */
export type ActionDeclaration = {
  readonly version: number
  /** The verb for a person: "Transfer money". Defaults to the action's name. */
  readonly title?: string
  readonly params: StandardSchema
  readonly roles?: Readonly<Record<string, FieldView['role']>>
  /** What kind of thing it does to the world. Absent: the worst is assumed where it matters. */
  readonly does?: 'read' | 'read-external' | 'write' | 'send' | 'money' | 'destroy' | 'account'
  /** Whether a third party can write any part of what it returns. Absent: yes. */
  readonly output?: 'trusted' | 'untrusted'
  /** Fields of what it returns, at any depth, that are confidential: passing one on asks. Needs the kit for it. */
  readonly confidential?: readonly string[]
  /** At most so much, for each agent. Needs the kit for it. */
  readonly budgets?: readonly Omit<Budget, 'id' | 'action'>[]
  /** Whether an approval needs the person to prove who they are. Absent: money, account and destroy do, where the kit for it is there. */
  readonly verify?: 'never' | 'always' | Condition
  /** `observe`: it runs as if MAESTRO were not there, and the verdict it would have had is recorded. */
  readonly mode?: 'enforce' | 'observe'
  readonly lane: LaneRules
  readonly effect: Effect
  /** Order is kept inside a sequence; different sequences run in parallel. */
  readonly sequence?: (params: JsonObject) => string | undefined
  /** YELLOW only: runs after this many ms without a click, unless cancelled. Without it YELLOW asks like RED. */
  readonly undoMs?: number
  /** Said in the dialog. Default false: the honest answer when nobody declared it. */
  readonly reversible?: boolean
  readonly whenOff?: 'stop' | 'fallback'
  /** Whether a first run may go ahead while the shared ledger cannot be asked. RED waits by default. */
  readonly offline?: 'wait' | 'refuse' | 'local'
}

export type Actions = Readonly<Record<string, ActionDeclaration>>
