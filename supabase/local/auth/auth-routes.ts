import { Hono } from 'hono'
import { SignJWT } from 'jose'
import * as v from 'valibot'
import { answer } from '../../functions/_shared/answer.ts'
import { faultAnswer } from '../../functions/_shared/database-fault.ts'
import { readJson } from '../../functions/_shared/read-json.ts'
import { LOCAL_ISSUER } from '../../functions/_shared/token.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import type { SigningKey } from './signing-key.ts'
import { LOCAL_USERS } from './users.ts'
import type { LocalUser } from './users.ts'

/** Seconds an access token lives. */
const LIFETIME_S = 3600
const BODY_BYTES_MAX = 8 * 1024

const PasswordSchema = v.object({ email: v.string(), password: v.string() })
const RefreshSchema = v.object({ refresh_token: v.string() })

/** One answer for every way to be wrong, so that it tells nothing of who exists. */
const wrong = () => answer(400, { error: 'invalid_grant', error_description: 'Invalid login credentials' })

const notReadable = () => answer(400, { error: 'invalid_request', error_description: 'The body is not the JSON this grant takes' })

/** The part of Supabase Auth that MAESTRO uses: password and refresh grants, and the public keys. */
export const createAuthRoutes = (key: SigningKey, refreshTokens: RefreshTokens): Hono => {
  const accessToken = async (user: LocalUser): Promise<string> =>
    new SignJWT({
      role: 'authenticated',
      email: user.email,
      app_metadata: { tenant_id: user.tenant, user_name: user.name },
      user_metadata: { user_name: user.name },
    })
      .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'JWT' })
      .setIssuer(LOCAL_ISSUER)
      .setAudience('authenticated')
      .setSubject(user.id)
      .setIssuedAt()
      .setExpirationTime(`${LIFETIME_S}s`)
      .sign(key.privateKey)

  const session = async (user: LocalUser, refreshToken: string): Promise<Response> =>
    answer(200, {
      access_token: await accessToken(user),
      token_type: 'bearer',
      expires_in: LIFETIME_S,
      refresh_token: refreshToken,
      user: {
        id: user.id,
        email: user.email,
        app_metadata: { tenant_id: user.tenant, user_name: user.name },
        user_metadata: { user_name: user.name },
      },
    })

  const byPassword = async (request: Request): Promise<Response> => {
    const body = await readJson(request, PasswordSchema, BODY_BYTES_MAX)
    if (body instanceof Response) return notReadable()
    const user = LOCAL_USERS.find(({ email, password }) => email === body.email && password === body.password)
    return user === undefined ? wrong() : session(user, await refreshTokens.issue(user.id))
  }

  const byRefreshToken = async (request: Request): Promise<Response> => {
    const body = await readJson(request, RefreshSchema, BODY_BYTES_MAX)
    if (body instanceof Response) return notReadable()
    const rotated = await refreshTokens.rotate(body.refresh_token)
    const user = LOCAL_USERS.find(({ id }) => id === rotated?.user)
    return rotated === null || user === undefined ? wrong() : session(user, rotated.next)
  }

  const app = new Hono().basePath('/auth/v1')
  app.get('/.well-known/jwks.json', () => answer(200, key.jwks))
  app.post('/token', async (context) => {
    const grant = context.req.query('grant_type')
    if (grant === 'password') return byPassword(context.req.raw)
    if (grant === 'refresh_token') return byRefreshToken(context.req.raw)
    return answer(400, { error: 'unsupported_grant_type', error_description: 'password and refresh_token only' })
  })
  app.notFound(() => answer(404, { error: 'not_found', error_description: 'There is no such route' }))
  app.onError((error) => faultAnswer(error))
  return app
}
