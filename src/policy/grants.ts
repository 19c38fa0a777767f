import { canonical } from '../base/canonical.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { roleOf, type Declared } from './declared.ts'

/** "Let it do this again": what a person decided once for calls of one shape. It takes back what policy would ask, never a forbid, a budget or an app's own rule. */
export type Grant = {
  readonly id: string
  readonly agent: string
  readonly action: string
  /** The parameters that must be the same, by name. Targets, amounts, objects and secrets are always among them. */
  readonly same: JsonObject
  /** How often it may still be used. */
  readonly left: number
  /** Epoch ms. */
  readonly until: number
}

/** Parameters that a grant never leaves open. */
export const boundParams = (declared: Declared, params: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(params).filter(([name]) => !['content', 'detail', 'time'].includes(roleOf(declared, name))))

const same = (one: Json | undefined, other: Json | undefined): boolean =>
  one !== undefined && other !== undefined && canonical(one) === canonical(other)

/** The grant that covers this call, if one does: same agent, action and bound parameters, not used up and not over. */
export function grantFor(grants: readonly Grant[], declared: Declared, agent: string, params: JsonObject, now: number): Grant | null {
  const bound = Object.keys(boundParams(declared, params))
  return (
    grants.find(
      (grant) =>
        grant.agent === agent &&
        grant.action === declared.name &&
        grant.left > 0 &&
        now < grant.until &&
        bound.every((name) => Object.hasOwn(grant.same, name)) &&
        Object.keys(grant.same).every((name) => Object.hasOwn(params, name) && same(grant.same[name], params[name])),
    ) ?? null
  )
}

/** One use less. */
export const useGrant = (grants: readonly Grant[], id: string): readonly Grant[] =>
  grants.map((grant) => (grant.id === id ? { ...grant, left: grant.left - 1 } : grant)).filter(({ left }) => left > 0)
