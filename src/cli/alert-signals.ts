import * as v from 'valibot'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'
import type { AlertSignals } from './judge-alerts.ts'

const CountSchema = v.looseObject({ count: v.number() })
const SignalsSchema = v.looseObject({
  claims: v.looseObject({ attempts: v.number(), failures: v.number() }),
  sync: v.looseObject({ rate: v.nullable(v.number()), devices: v.number() }),
  escalations: CountSchema,
  stuck: CountSchema,
  kill: v.optional(v.looseObject({ expires_s: v.number() })),
})

/** The windows as `maestro-health/ops/signals` tells them. Throws a `Fault` (red) for anything else: figures that are not there are not zero. */
export const readAlertSignals = (body: unknown): Omit<AlertSignals, 'unhealthy'> => {
  const parsed = v.safeParse(SignalsSchema, body)
  if (parsed.success) return parsed.output
  throw new Fault(EXIT.red, 'ANSWER_INVALID', `The server’s figures are not understood: ${v.getDotPath(parsed.issues[0]) ?? 'no object'}.`)
}
