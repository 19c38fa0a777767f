/** Which due receipts travel together: those of one batch route, in chunks that the route and one request can carry. */
import { actionOf, isKeyed } from './action-of.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Actions, HttpEffectDeclaration } from '../ports/action.ts'
import type { ReceiptRecord } from './receipt-record.ts'

export type Plan =
  | { readonly kind: 'one'; readonly record: ReceiptRecord }
  | { readonly kind: 'many'; readonly records: readonly ReceiptRecord[]; readonly effect: HttpEffectDeclaration }

type Group = { readonly effect: HttpEffectDeclaration; records: ReceiptRecord[]; bytes: number }

/** `alone`: ids of what a batch route would not take together. */
export function planAttempts(due: readonly ReceiptRecord[], actions: Actions, alone?: ReadonlySet<string>): readonly Plan[] {
  const plans: Plan[] = []
  const groups = new Map<string, Group>()
  const close = ({ effect, records }: Group): void => {
    const [first] = records
    if (first) plans.push(records.length > 1 ? { kind: 'many', records, effect } : { kind: 'one', record: first })
  }
  for (const record of due) {
    const effect = actionOf(actions, record.call.action)?.effect
    // Only a back end that keeps keys can tell, after a lost answer, which of many it has done.
    if (record.state !== 'ready' || !isKeyed(effect) || !effect.batch || alone?.has(record.id)) {
      plans.push({ kind: 'one', record })
      continue
    }
    const route = `${record.call.action} ${effect.batch.url}`
    const bytes = JSON.stringify(record.call.params).length
    const group = groups.get(route) ?? { effect, records: [], bytes: 0 }
    if (group.records.length >= Math.min(effect.batch.max, LIMITS.syncItemsMax) || group.bytes + bytes > LIMITS.batchCharsMax) {
      close(group)
      groups.set(route, { effect, records: [record], bytes })
    } else {
      group.records.push(record)
      group.bytes += bytes
      groups.set(route, group)
    }
  }
  for (const group of groups.values()) close(group)
  return plans
}
