import { errors, jwtVerify } from 'jose'
import type { JWTVerifyGetKey } from 'jose'
import * as v from 'valibot'
import type { VerifyToken } from './caller.ts'
import { Unavailable } from './unavailable.ts'

/** The issuer of the local stack's tokens; its key protects nothing but a developer's machine. */
export const LOCAL_ISSUER = 'maestro-local'

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(128))
const ClaimsSchema = v.object({
  sub: name,
  role: v.literal('authenticated'),
  app_metadata: v.object({ tenant_id: name, user_name: v.optional(name) }),
  user_metadata: v.optional(v.object({ user_name: v.optional(v.string()) })),
})

type Options = {
  /** The issuer's public keys. */
  readonly keys: JWTVerifyGetKey
  readonly issuer: string
  /** `MAESTRO_DEV=1`: without it a verifier for the local issuer refuses every token. */
  readonly dev: boolean
}

/** What is wrong with a token itself. Anything else that goes wrong is ours, or the issuer's whose keys could not be read. */
const REFUSED = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
]

/**
 * A verifier for ES256 access tokens of one issuer: signature, audience, time, role and tenant; all else is null.
 * Throws `Unavailable` when the issuer's keys cannot be read now: then nobody knows whether a token is good, and nobody should be signed out for it.
 */
export const createVerifyToken =
  ({ keys, issuer, dev }: Options): VerifyToken =>
  async (token) => {
    if (issuer === LOCAL_ISSUER && !dev) return null
    const verified = await jwtVerify(token, keys, {
      algorithms: ['ES256'],
      issuer,
      audience: 'authenticated',
      requiredClaims: ['exp', 'sub'],
      clockTolerance: 5,
    }).catch((error: unknown) => {
      if (REFUSED.some((kind) => error instanceof kind)) return null
      throw new Unavailable(error)
    })
    const claims = v.safeParse(ClaimsSchema, verified?.payload)
    if (!claims.success) return null
    const { sub, app_metadata, user_metadata } = claims.output
    return { tenant: app_metadata.tenant_id, principal: sub, account: app_metadata.user_name ?? sub, user: user_metadata?.user_name ?? sub }
  }
