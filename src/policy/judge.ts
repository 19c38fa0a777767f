import { own } from '../base/own.ts'
import type { JsonObject } from '../base/json.ts'
import { LANES, type Lane } from '../protocol/views.ts'
import type { Condition, Directories, LaneRules } from './lane-rules.ts'

export type Verdict = { readonly lane: Lane; readonly reasons: readonly string[] }

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.flatMap(texts) : value === undefined || value === null ? [] : [String(value)]

const has = (directories: Directories, name: string, text: string): boolean =>
  own(directories, name)?.some((entry) => entry.toLowerCase() === text.trim().toLowerCase()) ?? false

/** Decimal strings compared by value; what is not a plain decimal counts as above everything, so that it asks. */
const isAbove = (text: string, bound: string): boolean => {
  const plain = /^-?\d{1,15}(\.\d{1,9})?$/
  return !plain.test(text) || Number(text) > Number(bound)
}

/** Whether a condition holds for these parameters. Total; a value that is missing or no plain number counts against the call. */
export function matches(when: Condition, params: JsonObject, agent: string | null, directories: Directories): boolean {
  if ('by' in when) return (when.by === 'agent') === (agent !== null)
  const values = texts(own(params, when.param))
  if ('inDirectory' in when) return values.some((text) => has(directories, when.inDirectory, text))
  if ('notInDirectory' in when) return values.length === 0 || values.some((text) => !has(directories, when.notInDirectory, text))
  if ('above' in when) return values.length === 0 || values.some((text) => isAbove(text, when.above))
  return values.some((text) => when.oneOf.includes(text))
}

const rank = (lane: Lane): number => LANES.indexOf(lane)

/**
 * The lane of one call and the rules that put it there. Order-independent: the highest lane of all that match wins, so
 * adding a rule can never lower a lane. A lane nobody knows is RED.
 */
export function judge(rules: LaneRules, params: JsonObject, agent: string | null, directories: Directories): Verdict {
  const found = [
    { lane: rules.base, because: rules.because },
    ...(rules.rules ?? []).filter((rule) => matches(rule.when, params, agent, directories)),
  ].map(({ lane, because }) => ({ lane: LANES.includes(lane) ? lane : ('RED' as const), because }))
  const lane = found.reduce<Lane>((highest, item) => (rank(item.lane) > rank(highest) ? item.lane : highest), 'GREEN')
  return { lane, reasons: found.filter((item) => item.lane === lane).map((item) => item.because) }
}
