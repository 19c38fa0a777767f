import { ask } from '../../cli/ask.ts'
import type { AlertRule } from '../../cli/alert-rules.ts'
import { readAlertSignals } from '../../cli/alert-signals.ts'
import type { Io } from '../../cli/io.ts'
import { judgeAlerts, type AlertSignals, type Judged } from '../../cli/judge-alerts.ts'
import type { Target } from '../../cli/target.ts'
import { probe, type Probe } from './probe.ts'

export type Picture = {
  /** Epoch ms by this machine. */
  readonly at: number
  readonly health: Probe
  readonly flag: Probe
  readonly state: Probe
  readonly signals: Probe
  readonly coverage: Probe
  readonly devices: Probe
  readonly alerts: readonly Judged[]
}

export type Watched = {
  /** Everything there is to know now, each part on its own. Never rejects. */
  look(): Promise<Picture>
  /** An operator's question, passed on. */
  read(path: string): Promise<Probe>
  /** Puts a stricter document in force. Never loosens, though the server could: it is asked to refuse that. */
  stop(action: 'kill' | 'readonly' | 'drain' | 'safe-worker', reason: string): Promise<Probe>
}

const NOTHING: AlertSignals = {
  unhealthy: true,
  claims: { attempts: 0, failures: 0 },
  sync: { rate: null, devices: 0 },
  escalations: { count: 0 },
  stuck: { count: 0 },
}

/** One MAESTRO server, as its operator may see it. */
export const createWatched = (io: Io, target: Target, rules: readonly AlertRule[]): Watched => {
  const read = (path: string): Promise<Probe> => probe((signal) => ask(io, target, path, { operator: true, signal }))

  return {
    read,
    async look() {
      const [health, flag, state, signals, coverage, devices] = await Promise.all([
        probe((signal) => ask(io, target, '/maestro-health?verbose', { also: [503], signal })),
        probe((signal) => ask(io, target, '/maestro-flag', { signal })),
        read('/maestro-health/ops/state'),
        probe(async (signal) => {
          const asked = await ask(io, target, '/maestro-health/ops/signals', { operator: true, signal })
          return { ...asked, body: readAlertSignals(asked.body) }
        }),
        read('/maestro-flag/coverage'),
        read('/maestro-health/ops/devices'),
      ])
      const unhealthy = !health.ok || (health.value as { status?: string }).status === 'unhealthy'
      const counted = signals.ok ? (signals.value as AlertSignals) : NOTHING
      return { at: io.now(), health, flag, state, signals, coverage, devices, alerts: judgeAlerts(rules, { ...counted, unhealthy }) }
    },
    stop: (action, reason) =>
      probe(() => ask(io, target, '/maestro-flag', { method: 'PUT', body: { action, reason, stricter: true }, operator: true })),
  }
}
