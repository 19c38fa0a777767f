import type { JsonObject } from '../base/json.ts'
import { roleOf, type Declared } from './declared.ts'
import { leavesOf, type Leaf } from './leaves.ts'

const DECIMAL = /^-?\d{1,15}(\.\d{1,9})?$/

const having = (declared: Declared, params: JsonObject, role: 'amount' | 'target'): readonly Leaf[] =>
  leavesOf(params).leaves.filter(
    ({ param, value }) => value !== null && value !== '' && typeof value !== 'boolean' && roleOf(declared, param) === role,
  )

/** How much a call moves: the sum of its amounts. Words among them ("EUR") count nothing; a number that cannot be read counts as more than any budget. */
export const amountIn = (declared: Declared, params: JsonObject): number =>
  having(declared, params, 'amount').reduce((sum, { value }) => {
    const text = String(value).trim()
    return sum + (DECIMAL.test(text) ? Math.abs(Number(text)) : /\p{N}/u.test(text) ? Number.POSITIVE_INFINITY : 0)
  }, 0)

/** Whom or what a call reaches. */
export const targetsIn = (declared: Declared, params: JsonObject): readonly string[] => [
  ...new Set(having(declared, params, 'target').map(({ value }) => String(value).trim().toLowerCase())),
]
