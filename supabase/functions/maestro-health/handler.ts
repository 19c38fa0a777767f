import type postgres from 'postgres'
import { answer } from '../_shared/answer.ts'
import { createApp } from '../_shared/create-app.ts'
import type { Handler } from '../_shared/create-app.ts'
import type { KillVersion } from '../_shared/kill-version.ts'
import type { SigningKey } from '../_shared/signing-key.ts'
import { operatorRoutes } from './operator-routes.ts'
import { prometheusText } from './prometheus-text.ts'
import { readState } from './read-state.ts'
import { readSignals } from './signals.ts'

type Deps = {
  readonly sql: postgres.Sql
  /** `VITE_MAESTRO_ENABLED` was exactly `true` for this deployment. */
  readonly enabled: boolean
  /** The product's version. */
  readonly version: string
  /** The operator's secret; without it the operator's routes are closed. */
  readonly adminToken?: string | null
  /** Signs what operators hand over. */
  readonly signingKey?: SigningKey | null
  readonly killVersion: KillVersion
  readonly log: (line: string) => void
}

/**
 * The runbook's health answer, its keys in its order. `disabled` when the deployment or the newest kill document says so (200);
 * `unhealthy` when the database cannot be reached or a table or function is missing (503). `?verbose` adds the day's metrics (since midnight UTC).
 * `/metrics` says the same and the alerts' windows as Prometheus text; `/ops/…` is the operator's.
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

  const quietly = <T>(read: Promise<T>): Promise<T | null> =>
    read.catch((error: unknown) => {
      deps.log(`maestro-health: ${error instanceof Error ? error.message : 'unknown fault'}`)
      return null
    })

  app.get('/metrics', async () => {
    const [state, signals] = await Promise.all([quietly(readState(deps.sql)), quietly(readSignals(deps.sql))])
    const text = prometheusText({
      healthy: state !== null,
      enabled: deps.enabled && state?.stopped !== true,
      version: deps.version,
      metrics: state?.metrics ?? null,
      signals,
    })
    return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' } })
  })

  app.route(
    '/ops',
    operatorRoutes({ sql: deps.sql, adminToken: deps.adminToken ?? null, version: deps.version, signingKey: deps.signingKey ?? null }),
  )

  return { fetch: async (request) => app.fetch(request) }
}
