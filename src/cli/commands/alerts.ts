import { ask } from '../ask.ts'
import { readAlertRules } from '../alert-rules.ts'
import { readAlertSignals } from '../alert-signals.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'
import { judgeAlerts } from '../judge-alerts.ts'
import type { AlertSignals } from '../judge-alerts.ts'
import { prometheusRules } from '../prometheus-rules.ts'

const QUIET: AlertSignals = {
  unhealthy: true,
  claims: { attempts: 0, failures: 0 },
  sync: { rate: null, devices: 0 },
  escalations: { count: 0 },
  stuck: { count: 0 },
}

export const alertsCheck: Command = {
  describe: 'Judges every rule of supabase/ops/alerts.json now: red when a critical or high one fires, degraded for the others',
  examples: ['maestro alerts check', '*/5 * * * * maestro alerts check --json || page-somebody   # crontab: a scheduled health check'],
  async run(context) {
    const target = await context.target()
    const { routes, rules } = await readAlertRules()
    const health = await ask(context.io, target, '/maestro-health', { also: [503] })
    const unhealthy = health.body['status'] === 'unhealthy'
    const signals = await ask(context.io, target, '/maestro-health/ops/signals', { operator: true }).catch((error: unknown) => {
      // A database that is away cannot say what it counted; the rule on health fires then.
      if (unhealthy && error instanceof Fault && error.exit === EXIT.red) return null
      throw error
    })
    const judged = judgeAlerts(rules, signals === null ? QUIET : { ...readAlertSignals(signals.body), unhealthy })
    const firing = judged.filter(({ fires }) => fires)
    const grave = firing.some(({ severity }) => severity === 'critical' || severity === 'high')
    const lines = judged.map(
      (one) =>
        `${one.fires ? 'FIRES' : 'quiet'}  ${one.id} (${one.severity} → ${routes[one.severity]}): ${one.why}${one.fires ? `  → maestro runbook show ${one.runbook}` : ''}`,
    )
    return {
      data: { firing: firing.length, rules: judged.map((one) => ({ ...one, channel: routes[one.severity] })) },
      lines,
      exit: grave ? EXIT.red : firing.length > 0 ? EXIT.degraded : EXIT.green,
    }
  },
}

export const alertsRules: Command = {
  describe: 'The same rules for Prometheus, as YAML',
  examples: ['maestro alerts rules > maestro-rules.yml'],
  async run() {
    const rules = await readAlertRules()
    return { data: rules, lines: prometheusRules(rules).trimEnd().split('\n') }
  },
}
