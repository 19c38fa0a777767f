import type { JsonObject } from '../base/json.ts'
import type { Does } from './declared.ts'
import { matches } from './judge.ts'
import type { Directories } from './lane-rules.ts'
import { fitsName, type RuleWhen } from './policy-data.ts'

export type RuleSubject = {
  readonly action: string
  readonly does: Does
  readonly agent: string | null
  readonly params: JsonObject
  readonly tainted: boolean
  readonly directories: Directories
}

/** Whether a rule is about this call. Total: what a rule does not name does not matter. */
export const ruleFits = (when: RuleWhen, { action, does, agent, params, tainted, directories }: RuleSubject): boolean =>
  fitsName(when.action, action) &&
  (when.does === undefined || when.does.includes(does)) &&
  (when.agent === undefined || (agent !== null && fitsName(when.agent, agent))) &&
  (when.tainted === undefined || tainted) &&
  (when.param === undefined || matches(when.param, params, agent, directories))
