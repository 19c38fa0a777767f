import type { Lane } from '../protocol/views.ts'

/** What a rule looks at. Closed JSON: evaluated totally, in any order. A list-valued parameter matches when any element does. */
export type Condition =
  | { readonly param: string; readonly inDirectory: string }
  | { readonly param: string; readonly notInDirectory: string }
  | { readonly param: string; readonly above: string }
  | { readonly param: string; readonly oneOf: readonly string[] }
  | { readonly by: 'agent' | 'user' }

export type Rule = { readonly id: string; readonly when: Condition; readonly lane: Lane; readonly because: string }

/** An action's risk as data: a floor, and rules that can only raise it. */
export type LaneRules = { readonly base: Lane; readonly because: string; readonly rules?: readonly Rule[] }

/** Names known to the app itself, by directory: exact, case-insensitive members. */
export type Directories = Readonly<Record<string, readonly string[]>>
