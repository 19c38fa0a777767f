import type postgres from 'postgres'
import { answer } from '../_shared/answer.ts'
import { createApp } from '../_shared/create-app.ts'
import type { Handler } from '../_shared/create-app.ts'
import type { KillVersion } from '../_shared/kill-version.ts'
import { readState } from './read-state.ts'

type Deps = {
  readonly sql: postgres.Sql
  /** `VITE_MAESTRO_ENABLED` was exactly `true` for this deployment. */
  readonly enabled: boolean
  /** The product's version. */
  readonly version: string
  readonly killVersion: KillVersion
  readonly log: (line: string) => void
}

/**
 * The runbook's health answer, its keys in its order. `disabled` when the deployment or the newest kill document says so (200);
 * `unhealthy` when the database cannot be reached or a table or function is missing (503). `?verbose` adds the day's metrics (since midnight UTC).
 */
export const createMaestroHealth = (deps: Deps): Handler => {
  const app = createApp({ name: 'maestro-health', killVersion: deps.killVersion, log: deps.log })

  app.get('/', async (context) => {
    const verbose = context.req.query('verbose') !== undefined
    if (!deps.enabled && !verbose) return answer(200, { status: 'disabled', maestro_enabled: false })
    const state = await readState(deps.sql).catch((error: unknown) => {
      deps.log(`maestro-health: ${error instanceof Error ? error.message : 'unknown fault'}`)
      return null
    })
    const metrics = verbose && state !== null ? state.metrics : {}
    if (!deps.enabled || state?.stopped === true) return answer(200, { status: 'disabled', maestro_enabled: false, ...metrics })
    const status = state === null ? 'unhealthy' : 'healthy'
    return answer(state === null ? 503 : 200, { status, maestro_enabled: true, version: deps.version, ...metrics })
  })

  return { fetch: async (request) => app.fetch(request) }
}
