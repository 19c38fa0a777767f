/** How an attempt's word reaches its receipt: at once, later with backoff, or again and again until the disk takes it. */
import { failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Fact } from '../core/apply-fact.ts'
import { backoffMs } from '../core/backoff.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { RandomDep } from '../ports/random.ts'
import type { Ledger } from './ledger.ts'

type Wait = { readonly floorMs?: number; readonly counts?: boolean; readonly failure?: ReceiptRecord['failure'] }

export type Outcomes = {
  /** The changed receipt; `null` when the fact cannot happen any more, or could not be written. */
  tell(id: string, fact: Fact): Promise<ReceiptRecord | null>
  /** Puts it off with backoff; what has really failed too often is dead instead. */
  later(record: ReceiptRecord, waiting: NonNullable<ReceiptRecord['waiting']>, wait?: Wait): Promise<unknown>
  insist(record: ReceiptRecord, fact: Fact): Promise<void>
  /** When to ask again for what is not counted as a failure. */
  againAt(record: ReceiptRecord, floorMs?: number): number
}

/** How far the backoff has grown by waits that do not count as failures: told from the last wait itself, so nothing more is stored. */
const silentSteps = ({ attempts, waiting, dueAt, updatedAt }: ReceiptRecord): number => {
  const waitedMs = waiting === 'retry' || waiting === 'undo window' ? 0 : Math.max(0, dueAt - updatedAt)
  // A wait is a tenth to all of its step: one more than what it shows grows on the whole, whatever the jitter was.
  return Math.max(attempts - 1, 0, Math.ceil(Math.log2(waitedMs / LIMITS.backoffBaseMs)) + 1)
}

export function createOutcomes(deps: ClockDep & RandomDep & { readonly ledger: Ledger }): Outcomes {
  const tell = async (id: string, fact: Fact): Promise<ReceiptRecord | null> => {
    const changed = await deps.ledger.change(id, fact)
    return changed.ok ? changed.value : null
  }

  const againAt = (record: ReceiptRecord, floorMs?: number): number => deps.clock.now() + backoffMs(silentSteps(record), deps.random.unit(), floorMs)

  const later = (record: ReceiptRecord, waiting: NonNullable<ReceiptRecord['waiting']>, options: Wait = {}): Promise<unknown> => {
    const counts = options.counts ?? false
    const failures = record.failures + (counts ? 1 : 0)
    if (counts && failures >= LIMITS.attemptsMax)
      return tell(record.id, {
        kind: 'dead',
        failure: failure('EFFECT_EXHAUSTED', `${failures} attempts failed; last: ${options.failure?.message ?? 'no answer'}`),
      })
    const dueAt = counts ? deps.clock.now() + backoffMs(failures - 1, deps.random.unit(), options.floorMs) : againAt(record, options.floorMs)
    return tell(record.id, { kind: 'postponed', dueAt, waiting, counts, attempt: record.attempts, failure: options.failure })
  }

  /** A result that has arrived is recorded, also when the disk is full for a moment: told again for as long as the lease lasts (law 7). */
  async function insist(record: ReceiptRecord, fact: Fact): Promise<void> {
    while (!(await deps.ledger.change(record.id, fact)).ok && deps.clock.now() < (record.leaseUntil ?? 0))
      await deps.clock.sleep(LIMITS.backoffBaseMs, new AbortController().signal)
  }

  return { tell, later, insist, againAt }
}
