import type { Plan } from '../../src/testing/plan.ts'
import type { Break } from '../../src/testing/world.ts'

const lawOf = ({ law }: Break): string => (typeof law === 'number' ? `law ${law}` : law)

export const showBreaks = (breaks: readonly Break[]): string => breaks.map((one) => `  ${lawOf(one)} at ${one.at} ms: ${one.text}`).join('\n')

/** A plan as a person reads it; only the intents that something happens to. */
export function showPlan({ devices, hasServer, intents, acts, faults, kills }: Plan): string {
  const used = new Set(acts.flatMap((act) => ('intent' in act ? [act.intent] : [])))
  return [
    `  devices ${JSON.stringify(devices)}${hasServer ? ', with a server' : ', no server'}`,
    ...intents.flatMap((intent, i) => (used.has(i) ? [`  intent ${i}: ${JSON.stringify(intent)}`] : [])),
    ...acts.map((act) => `  act ${JSON.stringify(act)}`),
    ...faults.map((fault) => `  fault ${JSON.stringify(fault)}`),
    ...kills.map(({ at, when }) => `  kill ${when} await ${at} takes effect`),
  ].join('\n')
}
