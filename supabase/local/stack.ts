import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import type postgres from 'postgres'
import { bearer } from '../functions/_shared/bearer.ts'
import type { Caller } from '../functions/_shared/caller.ts'
import { createClaimCounts } from '../functions/_shared/claim-counts.ts'
import { createKillVersion } from '../functions/_shared/kill-version.ts'
import { createRateLimit } from '../functions/_shared/rate-limit.ts'
import { makeSigningKey, readSigningKey } from '../functions/_shared/signing-key.ts'
import { LOCAL_ISSUER, createVerifyToken } from '../functions/_shared/token.ts'
import { createMaestroFlag } from '../functions/maestro-flag/handler.ts'
import { createMaestroHealth } from '../functions/maestro-health/handler.ts'
import { createMaestroPasskey } from '../functions/maestro-passkey/handler.ts'
import { createMaestroSync } from '../functions/maestro-sync/handler.ts'
import { createAuthRoutes } from './auth/auth-routes.ts'
import { createRefreshTokens } from './auth/refresh-tokens.ts'
import { loadSigningKey } from './auth/signing-key.ts'
import { LOCAL_USERS } from './auth/users.ts'
import { ensureDataDir } from './data-dir.ts'
import { createGateway } from './gateway.ts'
import { loadKillKeys } from './kill-keys.ts'
import { migrate } from './migrate.ts'
import { openDatabase } from './open-database.ts'
import { privateOnce } from './private-file.ts'

export type StackOptions = {
  /** `MAESTRO_DATA`: keys, tokens and the database cluster, or the record of where the cluster is. */
  readonly dataDir: string
  /** `VITE_MAESTRO_ENABLED` was exactly `true`. */
  readonly enabled: boolean
  readonly version: string
  readonly log?: (line: string) => void
}

export type Stack = {
  /** Answers `/auth/v1/*`, `/functions/v1/*`, `/maestro-health` and `/health`; null for all else; refuses foreign hosts on every path. */
  handle(request: Request): Promise<Response | null>
  /** Whom a request's bearer token names; null without a valid one. */
  verify(request: Request): Promise<Caller | null>
  /** The database as its owner. */
  readonly sql: postgres.Sql
  /** What flips the kill document; also in `admin.token`. */
  readonly adminToken: string
  /** Ends connections and the database server, if this process started it. */
  stop(): Promise<void>
}

/**
 * Starts the local Supabase: a real PostgreSQL, the migrations, dev tokens, and the three functions behind one gateway.
 * Throws with a sentence for the operator when no PostgreSQL can be had or another stack holds the folder.
 */
export const startStack = async ({ dataDir: folder, enabled, version, log = () => undefined }: StackOptions): Promise<Stack> => {
  const dataDir = resolve(folder)
  await ensureDataDir(dataDir)
  const [adminToken, key, signingKey, killKeys] = await Promise.all([
    privateOnce(join(dataDir, 'admin.token'), () => randomBytes(32).toString('base64url')),
    loadSigningKey(dataDir),
    privateOnce(join(dataDir, 'maestro-signing-key.json'), makeSigningKey).then(readSigningKey),
    loadKillKeys(dataDir),
  ])
  const database = await openDatabase(dataDir, log)
  const { sql } = database
  try {
    const applied = await migrate(sql)
    if (applied.length > 0) log(`applied ${applied.length} migrations`)
  } catch (error) {
    await database.close()
    throw error
  }

  const killVersion = createKillVersion(sql)
  const verifyToken = createVerifyToken({ keys: key.keys, issuer: LOCAL_ISSUER, dev: true })
  const flag = createMaestroFlag({ sql, adminToken: adminToken.trim(), killVersion, killKeys, log })
  const handle = createGateway({
    auth: createAuthRoutes(key, createRefreshTokens(sql)),
    functions: {
      'maestro-sync': createMaestroSync({
        sql,
        verifyToken,
        rateLimit: createRateLimit(),
        killVersion,
        signingKey,
        claimCounts: createClaimCounts(sql),
        log,
      }),
      'maestro-passkey': createMaestroPasskey({
        sql,
        verifyToken,
        rateLimit: createRateLimit(100),
        killVersion,
        signingKey,
        logIn: async (email, password) => {
          const user = LOCAL_USERS.find((one) => one.email === email && one.password === password)
          return user === undefined ? null : { tenant: user.tenant, principal: user.id }
        },
        isOrigin: (origin) => new URL(origin).hostname === 'localhost',
        log,
      }),
      'maestro-health': createMaestroHealth({ sql, enabled, version, adminToken: adminToken.trim(), signingKey, killVersion, keepMs: 0, log }),
      'maestro-flag': flag,
    },
  })

  return {
    handle,
    verify: async (request) => {
      const token = bearer(request)
      return token === null ? null : verifyToken(token)
    },
    sql,
    adminToken: adminToken.trim(),
    stop: async () => {
      await flag.close()
      await database.close()
    },
  }
}
