import { connect, env, killKeys, log } from '../_shared/deno.ts'
import { createKillVersion } from '../_shared/kill-version.ts'
import { createMaestroFlag } from './handler.ts'

const sql = connect()
const handler = createMaestroFlag({
  sql,
  adminToken: env('MAESTRO_ADMIN_TOKEN') ?? null,
  killVersion: createKillVersion(sql),
  killKeys: await killKeys(),
  log,
})

Deno.serve((request) => handler.fetch(request))
