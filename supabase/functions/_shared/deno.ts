import { createRemoteJWKSet } from 'jose'
import postgres from 'postgres'
import type { KillKeys } from '../maestro-flag/kill-keys.ts'
import type { VerifyToken } from './caller.ts'
import { createLogIn } from './log-in.ts'
import { readSigningKey } from './signing-key.ts'
import type { SigningKey } from './signing-key.ts'
import { createVerifyToken } from './token.ts'

declare const Deno: { readonly env: { get(name: string): string | undefined } }

/** A variable of the hosted function's environment; throws at start, in the deployment's log, when a needed one is missing. */
export const env = (name: string): string | undefined => Deno.env.get(name)

const need = (name: string): string => {
  const value = env(name)
  if (value === undefined || value === '') throw new Error(`${name} is not set`)
  return value
}

/** The project's database. No prepared statements: the pooler hands each transaction another connection. */
export const connect = (): postgres.Sql => postgres(need('SUPABASE_DB_URL'), { prepare: false, max: 4, idle_timeout: 20, connect_timeout: 5 })

/** A verifier for the project's own tokens, by its published keys. */
export const projectTokens = (): VerifyToken => {
  const issuer = `${need('SUPABASE_URL')}/auth/v1`
  return createVerifyToken({ keys: createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`)), issuer, dev: env('MAESTRO_DEV') === '1' })
}

/** Asks the project's auth server whom credentials name. */
export const projectLogIn = (): ReturnType<typeof createLogIn> =>
  createLogIn({ url: `${need('SUPABASE_URL')}/auth/v1/token?grant_type=password`, apikey: need('SUPABASE_ANON_KEY'), verify: projectTokens() })

/** The project's signing key, or null when none is set. Throws at start when what is set is no key. */
export const signingKey = async (): Promise<SigningKey | null> => {
  const text = env('MAESTRO_SIGNING_KEY') ?? ''
  return text === '' ? null : readSigningKey(text)
}

/** The stop key of `MAESTRO_STOP_KEY` and the public resume key of `MAESTRO_RESUME_PUBLIC_KEY`. Throws at start when what is set is no key. */
export const killKeys = async (): Promise<KillKeys> => {
  const stop = env('MAESTRO_STOP_KEY') ?? ''
  const resumePublic = env('MAESTRO_RESUME_PUBLIC_KEY') ?? ''
  if (resumePublic !== '' && !/^[\w-]{43}$/.test(resumePublic)) throw new Error('MAESTRO_RESUME_PUBLIC_KEY is not a raw Ed25519 public key')
  return { stop: stop === '' ? null : await readSigningKey(stop), resume: null, resumePublic: resumePublic === '' ? null : resumePublic }
}

/** A line in the hosted function's log. */
export const log = (line: string): void => {
  // oxlint-disable-next-line no-console -- the platform's log is its console
  console.error(line)
}
