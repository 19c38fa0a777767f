import type { AlertRule, AlertRules } from './alert-rules.ts'

const expression = (rule: AlertRule): string => {
  switch (rule.kind) {
    case 'flag':
      return `${rule.metric} > 0`
    case 'ratio-above':
      return `${rule.part} / ${rule.whole} > ${rule.limit} and ${rule.whole} >= ${rule.min_sample}`
    case 'rate-below':
      return `${rule.metric} < ${rule.limit} and ${rule.sample} >= ${rule.min_sample}`
    case 'time-below':
      return `${rule.metric} < ${rule.limit}`
    case 'count-above':
      return `${rule.metric} > ${rule.limit}`
  }
}

/** A YAML string: single quotes, doubled inside. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

const camel = (id: string): string => id.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The rules as a Prometheus rule file (YAML), for a scrape of `/metrics`. The windows are in the metrics themselves. */
export const prometheusRules = ({ routes, rules }: AlertRules): string =>
  [
    '# Made by "maestro alerts rules" from supabase/ops/alerts.json: change that file, not this one.',
    'groups:',
    '  - name: maestro',
    '    rules:',
    ...rules.flatMap((rule) => [
      `      - alert: Maestro${camel(rule.id)}`,
      `        expr: ${quoted(expression(rule))}`,
      '        labels:',
      `          severity: ${rule.severity}`,
      `          channel: ${quoted(routes[rule.severity])}`,
      '        annotations:',
      `          summary: ${quoted(rule.says)}`,
      `          runbook: ${quoted(`maestro runbook show ${rule.runbook}`)}`,
    ]),
    '',
  ].join('\n')
