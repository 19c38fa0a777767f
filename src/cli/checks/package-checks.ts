import { ALERTS, readAlertRules } from '../alert-rules.ts'
import { packageFile } from '../package-root.ts'
import { fail, pass } from './check.ts'
import type { Check } from './check.ts'

const SIX = ['enabled', 'crypto_initialized', 'receipt_claims_today', 'blocked_operations', 'man_mode_escalations', 'sync_success_rate']

/** What the package ships for operators. */
export const PACKAGE_CHECKS: readonly Check[] = [
  {
    name: 'dashboards',
    rows: ['2-25'],
    asks: 'the dashboard shows all six metrics',
    async run() {
      const text = await packageFile('supabase/ops/grafana-dashboard.json')
      const missing = SIX.filter((name) => !text.includes(`"maestro_${name}"`))
      return missing.length === 0 ? pass('supabase/ops/grafana-dashboard.json; import it once') : fail(`the dashboard lacks ${missing.join(', ')}`)
    },
  },
  {
    name: 'thresholds',
    rows: ['2-26'],
    asks: 'alert thresholds are defined in one place',
    async run() {
      const { rules } = await readAlertRules()
      return pass(`${rules.length} rules in ${ALERTS}`)
    },
  },
]
