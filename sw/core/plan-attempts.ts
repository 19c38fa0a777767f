/** Which due receipts travel together: those of one batch route, in chunks that the route and one request can carry. */
import { actionOf, isKeyed } from './action-of.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Actions } from '../ports/action.ts'
import type { ReceiptRecord } from './receipt-record.ts'

type Group = { readonly records: ReceiptRecord[]; bytes: number }

/** `alone`: ids of what a batch route would not take together. */
export function planAttempts(due: readonly ReceiptRecord[], actions: Actions, alone?: ReadonlySet<string>): readonly (readonly ReceiptRecord[])[] {
  const plans: (readonly ReceiptRecord[])[] = []
  const groups = new Map<string, Group>()
  for (const record of due) {
    const effect = actionOf(actions, record.call.action)?.effect
    // Only a back end that keeps keys can tell, after a lost answer, which of many it has done.
    if (record.state !== 'ready' || !isKeyed(effect) || !effect.batch || alone?.has(record.id)) {
      plans.push([record])
      continue
    }
    const route = `${record.call.action} ${effect.batch.url}`
    const bytes = JSON.stringify(record.call.params).length
    let group = groups.get(route)
    if (!group || group.records.length >= Math.min(effect.batch.max, LIMITS.syncItemsMax) || group.bytes + bytes > LIMITS.batchCharsMax) {
      group = { records: [], bytes: 0 }
      groups.set(route, group)
      plans.push(group.records)
    }
    group.records.push(record)
    group.bytes += bytes
  }
  return plans
}
