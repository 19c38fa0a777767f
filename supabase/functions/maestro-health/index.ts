import { connect, env, log, signingKey } from '../_shared/deno.ts'
import { createKillVersion } from '../_shared/kill-version.ts'
import { createMaestroHealth } from './handler.ts'

const sql = connect()
const handler = createMaestroHealth({
  sql,
  enabled: env('VITE_MAESTRO_ENABLED') === 'true',
  version: env('MAESTRO_VERSION') ?? '1.0.0',
  adminToken: env('MAESTRO_ADMIN_TOKEN') ?? null,
  signingKey: await signingKey(),
  killVersion: createKillVersion(sql),
  log,
})

Deno.serve((request) => handler.fetch(request))
