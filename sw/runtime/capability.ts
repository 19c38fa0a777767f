/** An agent's capability: a statement the worker made about who asks, tagged with the device key. A name in a payload means nothing. */
import { base64UrlToBytes, bytesToBase64Url, utf8ToBytes } from '../../src/base/bytes.ts'
import { canonical } from '../../src/base/canonical.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import type { KeyringDep } from '../ports/keyring.ts'

const StatementSchema = v.strictObject({ agent: v.string(), tenant: v.string(), user: v.string() })

export const makeCapability = async ({ keyring }: KeyringDep, agent: string, principal: Principal): Promise<string> => {
  const statement = canonical({ agent, tenant: principal.tenant, user: principal.user })
  return `${bytesToBase64Url(utf8ToBytes(statement))}.${await keyring.tag(statement)}`
}

/** The agent's name, or `null` when this device did not make the capability for this principal. */
export async function readCapability({ keyring }: KeyringDep, capability: string, principal: Principal): Promise<string | null> {
  const [encoded = '', tag = ''] = capability.split('.')
  const bytes = base64UrlToBytes(encoded)
  if (!bytes) return null
  const statement = new TextDecoder().decode(bytes)
  if ((await keyring.tag(statement)) !== tag) return null
  const parsed = v.safeParse(StatementSchema, JSON.parse(statement))
  return parsed.success && parsed.output.tenant === principal.tenant && parsed.output.user === principal.user ? parsed.output.agent : null
}
