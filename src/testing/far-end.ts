/**
 * The app's own back end, scripted. Keyed routes keep the key with the effect and answer a repeat with the first answer;
 * the other routes do what they are asked, each time they are asked.
 */
import { canonical } from '../base/canonical.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { HttpOutcome } from '../../sw/ports/http-effect.ts'

export type Applied = { readonly url: string; readonly owner: string; readonly key: string; readonly params: string; readonly at: number }

/** Routes that do the same thing: an action's own and its batch route. */
type Same = (url: string) => string

export type FarEnd = {
  readonly applied: readonly Applied[]
  /** One request that arrived: its effect happens unless its key has had it. */
  receive(request: { url: string; isKeyed: boolean; owner: string; key: string; params: JsonObject }): HttpOutcome
}

export function createFarEnd(now: () => number, sameAs: Same): FarEnd {
  const applied: Applied[] = []
  const kept = new Map<string, { readonly params: string; readonly body: Json }>()
  return {
    applied,
    receive({ url, isKeyed, owner, key, params }) {
      const text = canonical(params)
      const place = `${owner}|${key}`
      const said = `${sameAs(url)}|${text}`
      const before = isKeyed ? kept.get(place) : undefined
      if (before && before.params !== said) return { kind: 'answer', status: 422, body: { code: 'KEY_REUSED' } }
      if (before) return { kind: 'answer', status: 200, body: before.body }
      applied.push({ url, owner, key, params: text, at: now() })
      const body = { id: `effect-${applied.length}`, applied_at: now() }
      if (isKeyed) kept.set(place, { params: said, body })
      return { kind: 'answer', status: 200, body }
    },
  }
}
