import { createClaimCounts } from '../_shared/claim-counts.ts'
import { connect, log, projectTokens, signingKey } from '../_shared/deno.ts'
import { createKillVersion } from '../_shared/kill-version.ts'
import { createRateLimit } from '../_shared/rate-limit.ts'
import { createMaestroSync } from './handler.ts'

const sql = connect()
const handler = createMaestroSync({
  sql,
  verifyToken: projectTokens(),
  rateLimit: createRateLimit(),
  killVersion: createKillVersion(sql),
  claimCounts: createClaimCounts(sql),
  signingKey: await signingKey(),
  log,
})

Deno.serve((request) => handler.fetch(request))
