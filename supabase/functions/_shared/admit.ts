import { refuse } from './answer.ts'
import { bearer } from './bearer.ts'
import type { Caller, VerifyToken } from './caller.ts'
import type { RateLimit } from './rate-limit.ts'

type Deps = { readonly verifyToken: VerifyToken; readonly rateLimit: RateLimit }

/** Who asks, by the verified token and within the rate for one person; otherwise the refusal to give. Throws while the auth server cannot be asked. */
export const admit = async ({ verifyToken, rateLimit }: Deps, request: Request): Promise<Caller | Response> => {
  const token = bearer(request)
  const caller = token === null ? null : await verifyToken(token)
  if (caller === null) return refuse(401, 'UNAUTHENTICATED', 'A valid access token is needed.', { 'www-authenticate': 'Bearer' })
  const wait = rateLimit(`${caller.tenant}\n${caller.principal}`)
  return wait === 0 ? caller : refuse(429, 'RATE_LIMITED', 'Too many requests.', { 'retry-after': String(wait) })
}
