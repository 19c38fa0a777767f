import type { Caller } from '../_shared/caller.ts'
import { bytesOf, readCeremony, sha256, textOf } from './ceremony.ts'
import type { Ceremony } from './ceremony.ts'
import { isSignedBy } from './public-key.ts'
import type { Assertion, Enrolment } from './schema.ts'
import type { Passkey } from './store.ts'

/** Whom these credentials name, asked anew of the auth server; null when they are wrong. */
export type LogIn = (email: string, password: string) => Promise<Pick<Caller, 'tenant' | 'principal'> | null>

/** What an existing passkey signs to let a new one in: the digest of the new one's id and key, so that its word is good for nothing else. */
export const enrolChallenge = async (id: string, key: string): Promise<string> =>
  textOf(await sha256(new TextEncoder().encode(`maestro/enrol/1\n${id}\n${key}`)))

const isAsserted = async (assertion: Assertion, passkey: Passkey, expected: Ceremony): Promise<boolean> => {
  const [data, client, signature] = [assertion.authenticatorData, assertion.clientDataJSON, assertion.signature].map(bytesOf)
  if (!data || !client || !signature) return false
  const said = await readCeremony('webauthn.get', client, data)
  if (said === null || said.challenge !== expected.challenge || said.origin !== expected.origin || passkey.rp !== expected.rp) return false
  const digest = await sha256(client)
  const signed = new Uint8Array(data.length + digest.length)
  signed.set(data)
  signed.set(digest, data.length)
  return isSignedBy(passkey, signed, signature)
}

/** Whether the person proved, for this enrolment, that they are who the token says. A token alone proves nothing: it may have been stolen. */
export const isProved = async (
  caller: Caller,
  { credential, login, assertion }: Enrolment,
  ceremony: Ceremony,
  logIn: LogIn,
  passkeys: readonly Passkey[],
): Promise<boolean> => {
  if (assertion !== undefined) {
    const passkey = passkeys.find(({ id }) => id === assertion.credential)
    const challenge = await enrolChallenge(credential.id, credential.key)
    return passkey !== undefined && isAsserted(assertion, passkey, { ...ceremony, challenge })
  }
  if (login === undefined) return false
  const person = await logIn(login.email, login.password)
  return person?.tenant === caller.tenant && person.principal === caller.principal
}
