import type postgres from 'postgres'
import { admit } from '../_shared/admit.ts'
import { answer, refuse } from '../_shared/answer.ts'
import type { Caller, VerifyToken } from '../_shared/caller.ts'
import { createApp } from '../_shared/create-app.ts'
import type { Handler } from '../_shared/create-app.ts'
import type { KillVersion } from '../_shared/kill-version.ts'
import { LIMITS } from '../_shared/limits.ts'
import type { RateLimit } from '../_shared/rate-limit.ts'
import { readJson } from '../_shared/read-json.ts'
import type { SigningKey } from '../_shared/signing-key.ts'
import { attestedId, bytesOf, readCeremony } from './ceremony.ts'
import { isProved } from './proof.ts'
import type { LogIn } from './proof.ts'
import { isPublicKey } from './public-key.ts'
import { EnrolSchema } from './schema.ts'
import { addPasskey, readPasskeys } from './store.ts'

type Deps = {
  readonly sql: postgres.Sql
  readonly verifyToken: VerifyToken
  /** Low: this route tells whether a password is right. */
  readonly rateLimit: RateLimit
  readonly killVersion: KillVersion
  readonly signingKey: SigningKey | null
  readonly logIn: LogIn
  /** Whether passkeys may be made on pages of this origin. */
  readonly isOrigin: (origin: string) => boolean
  readonly log: (line: string) => void
}

/** What a passkey's certificate is, in the JWS header `typ`. */
const PASSKEY_TYP = 'maestro-passkey+jws'

/** Milliseconds a certificate holds: devices that stay offline longer must ask again before they can take an approval. */
const LIFETIME_MS = 30 * 86_400_000

/** A person's passkeys: list them as certificates, add one. Tenant and principal are the verified token's. */
export const createMaestroPasskey = (deps: Deps): Handler => {
  const app = createApp({ name: 'maestro-passkey', killVersion: deps.killVersion, log: deps.log })

  const list = async (caller: Caller, key: SigningKey): Promise<Response> => {
    const issued = Date.now()
    const { tenant, principal, account: user } = caller
    const passkeys = await readPasskeys(deps.sql, caller)
    const certificates = await Promise.all(
      passkeys.map((passkey) => key.sign(PASSKEY_TYP, { v: 1, tenant, principal, user, ...passkey, issued, expires: issued + LIFETIME_MS })),
    )
    return answer(200, { passkeys: certificates, keys: key.jwks.keys })
  }

  app.get('/', async ({ req: { raw } }) => {
    const caller = await admit(deps, raw)
    if (caller instanceof Response) return caller
    return deps.signingKey === null ? noKey() : list(caller, deps.signingKey)
  })

  app.post('/', async ({ req: { raw } }) => {
    const caller = await admit(deps, raw)
    if (caller instanceof Response) return caller
    if (deps.signingKey === null) return noKey()
    const body = await readJson(raw, EnrolSchema, LIMITS.claimBytesMax)
    if (body instanceof Response) return body
    const { id, alg, key, authenticatorData, clientDataJSON } = body.credential
    const [data, client] = [bytesOf(authenticatorData), bytesOf(clientDataJSON)]
    const ceremony = data && client && (await readCeremony('webauthn.create', client, data))
    if (!data || !ceremony || attestedId(data) !== id || !deps.isOrigin(ceremony.origin) || !(await isPublicKey({ alg, key })))
      return refuse(400, 'PASSKEY_INVALID', 'This is no passkey made for this site by a verified person.')
    if (!(await isProved(caller, body, ceremony, deps.logIn, await readPasskeys(deps.sql, caller))))
      return refuse(403, 'PROOF_NEEDED', 'A passkey is added with a fresh login or with another passkey.')
    if (!(await addPasskey(deps.sql, caller, { id, alg, key, rp: ceremony.rp })))
      return refuse(409, 'PASSKEY_REFUSED', 'This passkey cannot be added: too many, revoked, or another under its name.')
    return list(caller, deps.signingKey)
  })

  return { fetch: async (request) => app.fetch(request) }
}

const noKey = () => refuse(501, 'SIGNING_KEY_ABSENT', 'This server signs nothing: MAESTRO_SIGNING_KEY is not set.')
