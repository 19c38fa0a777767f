import type { Failure } from '../protocol/failure.ts'
import { assertPasskey, makePasskey } from './ceremonies.ts'
import type { NewPasskey } from './ceremonies.ts'
import type { PasskeyInfo, PasskeySource } from './source.ts'

export type Login = { readonly email: string; readonly password: string }

/** What an existing passkey signs to let the new one in. */
const enrolChallenge = async ({ id, key }: NewPasskey): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`maestro/enrol/1\n${id}\n${key}`)))

/**
 * Makes a passkey for whoever is signed in and has the server certify it. Adding one needs a login made for it, or a passkey that the person has:
 * without `login` an existing one is asked for.
 *
 * @returns what the server or the worker said against it, or `null`.
 * @throws `DOMException` when the person or the authenticator does not go on.
 */
export async function enrolPasskey(maestro: PasskeySource, login?: Login): Promise<Failure | null> {
  const info = await maestro.command<PasskeyInfo>('passkeys')
  if (!info.ok) return info.error
  const { rp, passkeys } = info.value
  const credential = await makePasskey(info.value)
  const proof = login ? { login } : { assertion: await assertPasskey(await enrolChallenge(credential), passkeys, rp) }
  const answer = await maestro.command('passkeyEnrol', { enrolment: { credential, ...proof } })
  return answer.ok ? null : answer.error
}
