import type { Lane } from '../protocol/views.ts'
import type { Does } from './declared.ts'
import type { Condition } from './lane-rules.ts'

/** What a rule is about; every part that is there must hold. An action is a whole name, or a prefix with `*` at its end. */
export type RuleWhen = {
  readonly action?: readonly string[]
  readonly does?: readonly Does[]
  readonly agent?: readonly string[]
  readonly param?: Condition
  /** Only in forbids and asks: a rule that permits because of taint would lower a lane by it. */
  readonly tainted?: true
}

/** `forbid` blocks, `ask` needs a person, `slow` is a light confirmation, `permit` lets the other rules decide. */
export type PolicyRule = {
  readonly id: string
  readonly says: 'forbid' | 'ask' | 'slow' | 'permit'
  readonly when: RuleWhen
  readonly because: string
}

/** At most so much, for each agent, within a window. Amounts are sums of parameters with the role `amount`. */
export type Budget = {
  readonly id: string
  readonly action: readonly string[]
  readonly agent?: readonly string[]
  /** Milliseconds back from the moment of asking. */
  readonly windowMs: number
  readonly count?: number
  readonly amount?: number
  readonly targets?: number
  /** The lane beyond it. Default RED: a person may go on. */
  readonly over?: Extract<Lane, 'RED' | 'BLOCKED'>
  readonly because: string
}

/** What an agent may do at most. It only narrows: what it does not name, the agent cannot do. */
export type Capability = { readonly actions?: readonly string[]; readonly does?: readonly Does[]; readonly until?: number; readonly revoked?: true }

/** A whole policy: closed JSON. Without any `permit` rule every declared action is permitted; with one, what none permits is BLOCKED. */
export type Policy = {
  readonly v: 1
  readonly version: number
  /** Epoch ms. An expired policy is refused, and its gate closes. */
  readonly expires?: number
  readonly rules?: readonly PolicyRule[]
  readonly budgets?: readonly Budget[]
  readonly agents?: Readonly<Record<string, Capability>>
  /** Below this an agent's own confidence in a call asks, and so does a call without one. 0 to 1. */
  readonly confidence?: number
}

export const EMPTY_POLICY: Policy = { v: 1, version: 0 }

const isPattern = (pattern: string): boolean => pattern.endsWith('*')

export const fitsName = (patterns: readonly string[] | undefined, name: string): boolean =>
  patterns === undefined || patterns.some((pattern) => (isPattern(pattern) ? name.startsWith(pattern.slice(0, -1)) : pattern === name))
