import type postgres from 'postgres'
import { answer } from '../_shared/answer.ts'
import { createApp } from '../_shared/create-app.ts'
import type { Handler } from '../_shared/create-app.ts'
import { createKept } from '../_shared/kept.ts'
import type { Kept } from '../_shared/kept.ts'
import type { KillVersion } from '../_shared/kill-version.ts'
import { LIMITS } from '../_shared/limits.ts'
import type { SigningKey } from '../_shared/signing-key.ts'
import { operatorRoutes } from './operator-routes.ts'
import { prometheusText } from './prometheus-text.ts'
import { inTime, readState } from './read-state.ts'
import type { State } from './read-state.ts'
import { readSignals } from './signals.ts'
import type { Signals } from './signals.ts'

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
  /** Milliseconds what was read of the database is given again, while no other kill document is in force; ten seconds unless told. */
  readonly keepMs?: number
  readonly log: (line: string) => void
}

/**
 * The runbook's health answer, its keys in its order. `disabled` when the deployment or the newest kill document says so (200);
 * `unhealthy` when the database cannot be reached or a table or function is missing (503). `?verbose` adds the day's metrics (since midnight UTC).
 * `/metrics` says the same and the alerts' windows as Prometheus text; `/ops/…` is the operator's.
 */
export const createMaestroHealth = (deps: Deps): Handler => {
  const app = createApp({ name: 'maestro-health', killVersion: deps.killVersion, log: deps.log })
  const keepMs = deps.keepMs ?? LIMITS.healthKeepMs
  const keptState = createKept(() => readState(deps.sql), keepMs)
  const keptSignals = createKept(() => readSignals(deps.sql), keepMs)
  // A flip is told at once: what was read under another kill document is not given again.
  const signals: Kept<Signals> = { read: async () => keptSignals.read(await deps.killVersion.read()) }
  const state = async (): Promise<State> => inTime(keptState.read(await deps.killVersion.read()))

  const quietly = <T>(read: Promise<T>): Promise<T | null> =>
    read.catch((error: unknown) => {
      deps.log(`maestro-health: ${error instanceof Error ? error.message : 'unknown fault'}`)
      return null
    })

  app.get('/', async (context) => {
    const verbose = context.req.query('verbose') !== undefined
    if (!deps.enabled && !verbose) return answer(200, { status: 'disabled', maestro_enabled: false })
    const now = await quietly(state())
    const metrics = verbose && now !== null ? now.metrics : {}
    if (!deps.enabled || now?.stopped === true) return answer(200, { status: 'disabled', maestro_enabled: false, ...metrics })
    const status = now === null ? 'unhealthy' : 'healthy'
    return answer(now === null ? 503 : 200, { status, maestro_enabled: true, version: deps.version, ...metrics })
  })

  app.get('/metrics', async () => {
    const [now, figures] = await Promise.all([quietly(state()), quietly(inTime(signals.read()))])
    const text = prometheusText({
      healthy: now !== null,
      enabled: deps.enabled && now?.stopped !== true,
      version: deps.version,
      metrics: now?.metrics ?? null,
      signals: figures,
    })
    return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' } })
  })

  app.route(
    '/ops',
    operatorRoutes({
      sql: deps.sql,
      adminToken: deps.adminToken ?? null,
      version: deps.version,
      signingKey: deps.signingKey ?? null,
      signals,
      countsKeepMs: keepMs === 0 ? 0 : LIMITS.countsKeepMs,
    }),
  )

  return { fetch: async (request) => app.fetch(request) }
}
