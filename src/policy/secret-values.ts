import type { Json, JsonObject } from '../base/json.ts'
import { roleOf, type Declared } from './declared.ts'
import { leavesOf } from './leaves.ts'

/** Confidential values kept of one output; of more, the whole output is confidential. */
const SECRETS_MAX = 64
/** Shorter ones are everyday words and numbers: a text would be full of them. */
const CHARS_MIN = 3

const valuesIn = (value: Json): readonly string[] | true => {
  const { leaves, isComplete } = leavesOf({ value })
  return isComplete ? leaves.flatMap((leaf) => (leaf.value === null || typeof leaf.value === 'boolean' ? [] : [String(leaf.value).trim()])) : true
}

/** The values of the named fields, wherever they stand; `true` where they cannot be told from the rest. Iterative: nesting costs no stack. */
function underFields(result: Json, fields: readonly string[]): readonly string[] | true {
  if (typeof result !== 'object' || result === null) return true
  const found: string[] = []
  const open: Json[] = [result]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue
    for (const [name, item] of Array.isArray(next) ? next.map((each) => ['', each] as const) : Object.entries(next as JsonObject)) {
      if (!fields.includes(name)) open.push(item)
      else {
        const values = valuesIn(item)
        if (values === true) return true
        found.push(...values)
      }
      if (found.length > SECRETS_MAX) return true
    }
  }
  return found
}

/** What one call has told that must not leave: fields that the app declared confidential, and its own parameters with the role `secret`. */
export function secretValues(declared: Declared, params: JsonObject, result: Json, fields: readonly string[]): readonly string[] | true {
  const told = fields.length === 0 ? [] : underFields(result, fields)
  const own = valuesIn(Object.entries(params).flatMap(([name, value]) => (roleOf(declared, name) === 'secret' ? [value] : [])))
  if (told === true || own === true) return true
  const all = [...new Set([...told, ...own])].filter(({ length }) => length >= CHARS_MIN)
  return all.length > SECRETS_MAX ? true : all
}
