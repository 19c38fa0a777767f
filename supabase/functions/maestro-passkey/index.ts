import { connect, env, log, projectLogIn, projectTokens, signingKey } from '../_shared/deno.ts'
import { createKillVersion } from '../_shared/kill-version.ts'
import { createRateLimit } from '../_shared/rate-limit.ts'
import { createMaestroPasskey } from './handler.ts'
import { readOrigins } from './read-origins.ts'

const sql = connect()
const origins = readOrigins(env('MAESTRO_ORIGINS'))
const handler = createMaestroPasskey({
  sql,
  verifyToken: projectTokens(),
  rateLimit: createRateLimit(20),
  killVersion: createKillVersion(sql),
  signingKey: await signingKey(),
  logIn: projectLogIn(),
  isOrigin: (origin) => origins.includes(origin),
  log,
})

Deno.serve((request) => handler.fetch(request))
