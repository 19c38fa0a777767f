import type { AlertRule } from './alert-rules.ts'

/** What alerts are judged on, as `maestro-health/ops/signals` answers it, and whether health is good. */
export type AlertSignals = {
  readonly unhealthy: boolean
  readonly claims: { readonly attempts: number; readonly failures: number }
  readonly sync: { readonly rate: number | null; readonly devices: number }
  readonly escalations: { readonly count: number }
  readonly stuck: { readonly count: number }
  /** Absent where nothing is known of it. */
  readonly kill?: { readonly expires_s: number } | undefined
}

export type Judged = {
  readonly id: string
  readonly severity: AlertRule['severity']
  readonly fires: boolean
  readonly why: string
  readonly runbook: string
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`

const judge = (rule: AlertRule, signals: AlertSignals): readonly [boolean, string] => {
  switch (rule.kind) {
    case 'flag':
      return [signals.unhealthy, signals.unhealthy ? 'health is bad' : 'health is good']
    case 'ratio-above': {
      const { attempts, failures } = signals.claims
      if (attempts < rule.min_sample) return [false, `${attempts} attempts are too few to judge (${rule.min_sample})`]
      return [failures / attempts > rule.limit, `${failures} of ${attempts} failed, ${percent(failures / attempts)}`]
    }
    case 'rate-below': {
      const { rate, devices } = signals.sync
      if (rate === null || devices < rule.min_sample) return [false, 'no device has tried today']
      return [rate < rule.limit, `${percent(rate)} over ${devices} devices today`]
    }
    case 'count-above': {
      const { count } = signals[rule.of]
      return [count > rule.limit, `${count}, and more than ${rule.limit} fires`]
    }
    case 'time-below': {
      const left = signals.kill?.expires_s
      return left === undefined
        ? [false, 'not known']
        : [left < rule.limit, left < 0 ? 'it has run out' : `${Math.floor(left / 3_600)} hours are left`]
    }
  }
}

/** Each rule's word on these signals. A limit itself never fires: only what lies beyond it. */
export const judgeAlerts = (rules: readonly AlertRule[], signals: AlertSignals): readonly Judged[] =>
  rules.map((rule) => {
    const [fires, why] = judge(rule, signals)
    return { id: rule.id, severity: rule.severity, fires, why, runbook: rule.runbook }
  })
