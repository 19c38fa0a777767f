import type { Json, JsonObject } from '../base/json.ts'

/** One value inside the parameters, or a name inside one of their objects. `param` is the parameter it belongs to. */
export type Leaf = { readonly param: string; readonly value: string | number | boolean | null }

/** Values of one call that are looked at; one with more is not judged by its values but asks. */
const LEAVES_MAX = 2_000

/** All values of a call's parameters, and whether that is all of them. Iterative: nesting costs no stack. Names inside an object count as values too. */
export function leavesOf(params: JsonObject): { readonly leaves: readonly Leaf[]; readonly isComplete: boolean } {
  const leaves: Leaf[] = []
  for (const [param, given] of Object.entries(params)) {
    const open: Json[] = [given]
    while (open.length > 0) {
      if (leaves.length + open.length > LEAVES_MAX) return { leaves, isComplete: false }
      const value = open.pop() as Json
      if (Array.isArray(value)) for (const item of value) open.push(item)
      else if (typeof value === 'object' && value !== null) for (const [name, item] of Object.entries(value as JsonObject)) open.push(name, item)
      else leaves.push({ param, value: value as Leaf['value'] })
    }
  }
  return { leaves, isComplete: true }
}
