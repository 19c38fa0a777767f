import { connect, env, log } from '../_shared/deno.ts'
import { createKillVersion } from '../_shared/kill-version.ts'
import { createMaestroHealth } from './handler.ts'

const sql = connect()
const handler = createMaestroHealth({
  sql,
  enabled: env('VITE_MAESTRO_ENABLED') === 'true',
  version: env('MAESTRO_VERSION') ?? '1.0.0',
  killVersion: createKillVersion(sql),
  log,
})

Deno.serve((request) => handler.fetch(request))
