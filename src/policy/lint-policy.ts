import type { Does } from './declared.ts'
import { fitsName, type Policy, type PolicyRule, type RuleWhen } from './policy-data.ts'

export type Lint = { readonly kind: 'contradicts' | 'shadowed' | 'unreachable' | 'over-wide'; readonly id: string; readonly message: string }

/** What an app declares, for rules that can never match. Without it that is not looked for. */
export type Known = {
  readonly actions: Readonly<Record<string, { readonly does?: Does; readonly params?: readonly string[] }>>
  readonly agents?: readonly string[]
}

const STRICT = ['permit', 'slow', 'ask', 'forbid'] as const

const coversNames = (wide: readonly string[] | undefined, narrow: readonly string[] | undefined): boolean =>
  wide === undefined ||
  (narrow !== undefined &&
    narrow.every((name) => fitsName(wide, name.replace(/\*$/, '')) && (!name.endsWith('*') || wide.some((each) => each.endsWith('*')))))

const coversList = (wide: readonly string[] | undefined, narrow: readonly string[] | undefined): boolean =>
  wide === undefined || (narrow !== undefined && narrow.every((each) => wide.includes(each)))

/** Whether every call that `narrow` is about, `wide` is about too. Sure when it says so; it may miss a pair. */
const covers = (wide: RuleWhen, narrow: RuleWhen): boolean =>
  coversNames(wide.action, narrow.action) &&
  coversNames(wide.agent, narrow.agent) &&
  coversList(wide.does, narrow.does) &&
  (wide.tainted === undefined || narrow.tainted === true) &&
  (wide.param === undefined || JSON.stringify(wide.param) === JSON.stringify(narrow.param))

const isAll = (when: RuleWhen): boolean => Object.keys(when).length === 0

function aboutPair(rule: PolicyRule, other: PolicyRule): Lint | null {
  if (rule === other || !covers(other.when, rule.when)) return null
  if (rule.says === 'permit' && other.says === 'forbid')
    return { kind: 'contradicts', id: rule.id, message: `permits what "${other.id}" forbids altogether` }
  const isSame = rule.says === other.says
  if (rule.says === 'permit' ? isSame : STRICT.indexOf(other.says) >= STRICT.indexOf(rule.says) && other.says !== 'permit')
    return covers(rule.when, other.when) && isSame && rule.id < other.id
      ? null
      : { kind: 'shadowed', id: rule.id, message: `never matters: "${other.id}" already covers it` }
  return null
}

function reaches({ action, does, agent, param }: RuleWhen, known: Known): boolean {
  const names = Object.entries(known.actions).filter(
    ([name, each]) => fitsName(action, name) && (does === undefined || does.includes(each.does ?? 'account')),
  )
  const isAgent = agent === undefined || known.agents === undefined || known.agents.some((name) => fitsName(agent, name))
  const isParam = param === undefined || 'by' in param || names.some(([, { params }]) => params === undefined || params.includes(param.param))
  return names.length > 0 && isAgent && isParam
}

/** What is wrong with a policy that is well formed: rules that contradict, never matter, never match, or permit everything. */
export function lintPolicy({ rules = [], budgets = [] }: Policy, known?: Known): readonly Lint[] {
  const ids = [...rules.map(({ id }) => id), ...budgets.map(({ id }) => id)]
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at).map((id): Lint => ({ kind: 'contradicts', id, message: 'this id is used twice' }))
  const permitTaint = rules
    .filter(({ says, when }) => says === 'permit' && when.tainted !== undefined)
    .map(({ id }): Lint => ({ kind: 'contradicts', id, message: 'permits because of untrusted words: that would lower a lane by them' }))
  const pairs = rules.flatMap((rule) =>
    rules
      .map((other) => aboutPair(rule, other))
      .filter((lint) => lint !== null)
      .slice(0, 1),
  )
  const wide = rules
    .filter(({ says, when }) => says === 'permit' && (isAll(when) || (when.action?.includes('*') === true && Object.keys(when).length === 1)))
    .map(({ id }): Lint => ({ kind: 'over-wide', id, message: 'permits everything' }))
  const limitless = budgets
    .filter(({ count, amount, targets }) => count === undefined && amount === undefined && targets === undefined)
    .map(({ id }): Lint => ({ kind: 'over-wide', id, message: 'limits nothing' }))
  const unreachable = known
    ? rules
        .filter(({ when }) => !reaches(when, known))
        .map(({ id }): Lint => ({ kind: 'unreachable', id, message: 'no declared action can ever match it' }))
    : []
  return [...twice, ...permitTaint, ...pairs, ...unreachable, ...wide, ...limitless]
}
