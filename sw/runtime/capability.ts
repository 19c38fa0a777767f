/** An agent's capability: a statement the worker made about who asks, tagged with the device key. A name in a payload means nothing. */
import { canonical } from '../../src/base/canonical.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import type { KeyringDep } from '../ports/keyring.ts'

const StatementSchema = v.strictObject({ agent: v.string(), tenant: v.string(), user: v.string() })

/** `tag.statement`: nothing in it is secret but the tag, which only this device can make. */
export const makeCapability = async ({ keyring }: KeyringDep, agent: string, principal: Principal): Promise<string> => {
  const statement = canonical({ agent, tenant: principal.tenant, user: principal.user })
  return `${await keyring.tag(statement)}.${statement}`
}

/** The agent's name, or `null` when this device did not make the capability for this principal. */
export async function readCapability({ keyring }: KeyringDep, capability: string, principal: Principal): Promise<string | null> {
  const at = capability.indexOf('.')
  const statement = capability.slice(at + 1)
  if ((await keyring.tag(statement)) !== capability.slice(0, at)) return null
  const parsed = v.safeParse(StatementSchema, JSON.parse(statement))
  return parsed.success && parsed.output.tenant === principal.tenant && parsed.output.user === principal.user ? parsed.output.agent : null
}
