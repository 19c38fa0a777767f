import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { LOCAL_ISSUER } from '../../../supabase/functions/_shared/token.ts'
import { loadSigningKey } from '../../../supabase/local/auth/signing-key.ts'
import { startStack } from '../../../supabase/local/stack.ts'
import type { Stack } from '../../../supabase/local/stack.ts'
import { copyStack, removeData, TEMPLATE } from './template.ts'

/** Milliseconds a stack may take to come up in a test: making a cluster on a busy machine. */
export const START_MS = 60_000

type Answer = { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> }

export type TestStack = Stack & {
  readonly dataDir: string
  /** Sends JSON (a string goes as it is) and reads the JSON answer; fails on an answer that is not JSON. */
  call(method: string, path: string, options?: { body?: unknown; token?: string | undefined; headers?: Record<string, string> }): Promise<Answer>
  /** A token signed with the stack's key; every part can be made wrong. */
  token(claims?: { sub?: string; tenant?: string | null; role?: string; audience?: string; issuer?: string; expires?: string }): Promise<string>
  /** Stops the stack and removes its folders. */
  remove(): Promise<void>
}

/** A stack of its own in a fresh folder, which only the user who runs the test may enter. */
export const testStack = async (): Promise<TestStack> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'maestro-db-'))
  const template = process.env[TEMPLATE]
  if (template !== undefined) await copyStack(template, dataDir)
  const stack = await startStack({ dataDir, enabled: true, version: '1.0.0' })
  const key = await loadSigningKey(dataDir)
  return {
    ...stack,
    dataDir,
    call: async (method, path, { body, token, headers = {} } = {}) => {
      const init = { method, headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers } }
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const answer = await stack.handle(new Request(`http://localhost:5173${path}`, body === undefined ? init : { ...init, body: text }))
      if (answer === null) throw new Error(`${path} is not the stack's`)
      return { status: answer.status, headers: answer.headers, body: await answer.json() }
    },
    token: async ({
      sub = 'principal-1',
      tenant = 'demo',
      role = 'authenticated',
      audience = 'authenticated',
      issuer = LOCAL_ISSUER,
      expires = '1h',
    } = {}) =>
      new SignJWT({ role, ...(tenant === null ? {} : { app_metadata: { tenant_id: tenant } }) })
        .setProtectedHeader({ alg: 'ES256', kid: key.kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(sub)
        .setIssuedAt()
        .setExpirationTime(expires)
        .sign(key.privateKey),
    remove: async () => {
      await stack.stop()
      await removeData(dataDir)
    },
  }
}
