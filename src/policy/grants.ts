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
  /** The receipts it was used for: asking again under the same key uses nothing up. */
  readonly used?: readonly string[]
}

/** Parameters that a grant never leaves open. */
export const boundParams = (declared: Declared, params: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(params).filter(([name]) => !['content', 'detail', 'time'].includes(roleOf(declared, name))))

const same = (one: Json | undefined, other: Json | undefined): boolean =>
  one !== undefined && other !== undefined && canonical(one) === canonical(other)

type Asked = { readonly id: string; readonly agent: string; readonly params: JsonObject; readonly at: number }

/** The grant that covers this call, if one does: same agent, action and bound parameters, not over, and not used up, or by this very receipt. */
export function grantFor(grants: readonly Grant[], declared: Declared, { id, agent, params, at }: Asked): Grant | null {
  const bound = Object.keys(boundParams(declared, params))
  return (
    grants.find(
      (grant) =>
        grant.agent === agent &&
        grant.action === declared.name &&
        (grant.left > 0 || grant.used?.includes(id) === true) &&
        at < grant.until &&
        bound.every((name) => Object.hasOwn(grant.same, name)) &&
        Object.keys(grant.same).every((name) => Object.hasOwn(params, name) && same(grant.same[name], params[name])),
    ) ?? null
  )
}

/** One use less, once for each receipt. */
export const useGrant = (grants: readonly Grant[], id: string, receipt: string): readonly Grant[] =>
  grants.map((grant) =>
    grant.id === id && grant.used?.includes(receipt) !== true ? { ...grant, left: grant.left - 1, used: [...(grant.used ?? []), receipt] } : grant,
  )
