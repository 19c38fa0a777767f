import type { Json, JsonObject } from '../base/json.ts'
import { err, ok, type Result } from '../base/result.ts'
import { DOES } from './declared.ts'
import { lintPolicy } from './lint-policy.ts'
import type { Policy } from './policy-data.ts'

export type PolicyRefusal = {
  readonly code: 'POLICY_MALFORMED' | 'POLICY_EXPIRED' | 'POLICY_CONTRADICTS' | 'POLICY_OLDER'
  readonly field: string
  readonly message: string
}

/** Entries of one list in a policy: what a person can still read. */
const ENTRIES_MAX = 1_000
const CHARS_MAX = 300

type Check = (value: Json | undefined, at: string) => PolicyRefusal | null

const bad = (field: string, message: string): PolicyRefusal => ({ code: 'POLICY_MALFORMED', field, message })
const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

const test =
  (holds: (value: Json) => boolean, wanted: string): Check =>
  (value, at) =>
    value !== undefined && holds(value) ? null : bad(at, `must be ${wanted}`)

const text = test(
  (value) => typeof value === 'string' && value !== '' && value.length <= CHARS_MAX && value.isWellFormed(),
  `a text of 1 to ${CHARS_MAX} characters`,
)
const count = test((value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0, 'a whole number from 0 on')
const amount = test((value) => typeof value === 'number' && Number.isFinite(value) && value >= 0, 'a number from 0 on')
const share = test((value) => typeof value === 'number' && value >= 0 && value <= 1, 'a number from 0 to 1')
const yes = test((value) => value === true, 'true')
const oneOf = (words: readonly string[]): Check => test((value) => typeof value === 'string' && words.includes(value), `one of ${words.join(', ')}`)

const listOf =
  (item: Check): Check =>
  (value, at) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > ENTRIES_MAX) return bad(at, `must be a list of 1 to ${ENTRIES_MAX}`)
    for (const [index, each] of value.entries()) {
      const wrong = item(each as Json, `${at}[${index}]`)
      if (wrong) return wrong
    }
    return null
  }

/** An object of exactly these fields; those ending in `?` may be missing. Anything else is refused: what is not understood might have been meant to forbid. */
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, at) => {
    if (!isObject(value)) return bad(at, 'must be an object')
    for (const name of Object.keys(value))
      if (!Object.hasOwn(fields, name) && !Object.hasOwn(fields, `${name}?`)) return bad(`${at}.${name}`, 'is not part of a policy')
    for (const [name, check] of Object.entries(fields)) {
      const own = name.replace('?', '')
      if (name.endsWith('?') && !Object.hasOwn(value, own)) continue
      const wrong = check(Object.hasOwn(value, own) ? value[own] : undefined, `${at}.${own}`)
      if (wrong) return wrong
    }
    return null
  }

const either =
  (checks: readonly Check[], wanted: string): Check =>
  (value, at) =>
    checks.some((check) => check(value, at) === null) ? null : bad(at, `must be ${wanted}`)

const decimal = test((value) => typeof value === 'string' && /^-?\d{1,15}(\.\d{1,9})?$/.test(value), 'a decimal number as text')
const condition = either(
  [
    shape({ param: text, inDirectory: text }),
    shape({ param: text, notInDirectory: text }),
    shape({ param: text, above: decimal }),
    shape({ param: text, oneOf: listOf(text) }),
    shape({ by: oneOf(['agent', 'user']) }),
  ],
  'a condition on a parameter',
)
const does = listOf(oneOf(DOES))
const when = shape({ 'action?': listOf(text), 'does?': does, 'agent?': listOf(text), 'param?': condition, 'tainted?': yes })
const rule = shape({ id: text, says: oneOf(['forbid', 'ask', 'slow', 'permit']), when, because: text })
const budget = shape({
  id: text,
  action: listOf(text),
  'agent?': listOf(text),
  windowMs: count,
  'count?': count,
  'amount?': amount,
  'targets?': count,
  'over?': oneOf(['RED', 'BLOCKED']),
  because: text,
})
const capability = shape({ 'actions?': listOf(text), 'does?': does, 'until?': count, 'revoked?': yes })
const agents: Check = (value, at) => {
  if (!isObject(value)) return bad(at, 'must be an object')
  for (const [name, each] of Object.entries(value)) {
    const wrong = capability(each, `${at}.${name}`)
    if (wrong) return wrong
  }
  return null
}
const policy = shape({
  v: test((value) => value === 1, '1'),
  version: count,
  'expires?': count,
  'rules?': listOf(rule),
  'budgets?': listOf(budget),
  'agents?': agents,
  'confidence?': share,
})

/** Takes a policy, or says with a code why not: malformed, expired at `now`, older than the one in force, or at odds with itself. */
export function parsePolicy(value: Json, now: number, inForce = 0): Result<Policy, PolicyRefusal> {
  const wrong = policy(value, 'policy')
  if (wrong) return err(wrong)
  const parsed = value as unknown as Policy
  if (parsed.expires !== undefined && parsed.expires <= now) return err({ code: 'POLICY_EXPIRED', field: 'policy.expires', message: 'has expired' })
  if (parsed.version < inForce) return err({ code: 'POLICY_OLDER', field: 'policy.version', message: `is older than version ${inForce}` })
  const clash = lintPolicy(parsed).find(({ kind }) => kind === 'contradicts')
  if (clash) return err({ code: 'POLICY_CONTRADICTS', field: clash.id, message: clash.message })
  return ok(parsed)
}
