import * as v from 'valibot'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'
import { packageFile } from './package-root.ts'

const common = { id: v.string(), severity: v.picklist(['critical', 'high', 'medium', 'low']), says: v.string(), runbook: v.string() }
const RuleSchema = v.variant('kind', [
  v.object({ ...common, kind: v.literal('flag'), of: v.literal('unhealthy'), metric: v.string() }),
  v.object({
    ...common,
    kind: v.literal('ratio-above'),
    of: v.literal('claims'),
    limit: v.number(),
    min_sample: v.number(),
    window_s: v.number(),
    part: v.string(),
    whole: v.string(),
  }),
  v.object({
    ...common,
    kind: v.literal('rate-below'),
    of: v.literal('sync'),
    limit: v.number(),
    min_sample: v.number(),
    window_s: v.number(),
    metric: v.string(),
    sample: v.string(),
  }),
  v.object({ ...common, kind: v.literal('time-below'), of: v.literal('kill'), limit: v.number(), metric: v.string() }),
  v.object({
    ...common,
    kind: v.literal('count-above'),
    of: v.picklist(['escalations', 'stuck']),
    limit: v.number(),
    window_s: v.number(),
    metric: v.string(),
  }),
])
const FileSchema = v.object({
  routes: v.object({ critical: v.string(), high: v.string(), medium: v.string(), low: v.string() }),
  rules: v.array(RuleSchema),
})

export type AlertRule = v.InferOutput<typeof RuleSchema>
export type AlertRules = v.InferOutput<typeof FileSchema>

/** The one file that holds all thresholds, and which channel hears of what. */
export const ALERTS = 'supabase/ops/alerts.json'

export const readAlertRules = async (): Promise<AlertRules> => {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), FileSchema), await packageFile(ALERTS))
  if (parsed.success) return parsed.output
  throw new Fault(EXIT.red, 'ALERTS_INVALID', `${ALERTS} is not what it should be: ${v.getDotPath(parsed.issues[0]) ?? 'no JSON'}.`)
}
