import { canonical } from '../../src/base/canonical.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'

/**
 * The answers of a batch by the key that each of them names, in whatever order they came. What was said twice with different
 * content is nobody's answer: it is left out, and so is everything that names no key.
 */
export function answersByKey(list: Json | undefined, name: string): ReadonlyMap<string, JsonObject> {
  const answers = new Map<string, JsonObject>()
  const disputed = new Set<string>()
  for (const item of Array.isArray(list) ? (list as readonly Json[]) : []) {
    const key = item !== null && typeof item === 'object' && (item as JsonObject)[name]
    if (typeof key !== 'string') continue
    const before = answers.get(key)
    if (before && canonical(before) !== canonical(item)) disputed.add(key)
    answers.set(key, item as JsonObject)
  }
  for (const key of disputed) answers.delete(key)
  return answers
}
