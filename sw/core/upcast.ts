/**
 * Brings a record of an older build to the present shape, one step at a time. Each step has a golden file in
 * `test/vectors/receipts`; a newer shape than ours is never touched (laws 1, 8).
 */
import * as v from '../../src/protocol/schema.ts'
import { ReceiptRecordSchema, SHAPE, type ReceiptRecord } from './receipt-record.ts'

type Step = (record: Readonly<Record<string, unknown>>) => Record<string, unknown>

/** Shape 1 did not say: RED always asked, and YELLOW did where a person was or had been asked. */
const asksByState = ({ lane, state, approved }: Readonly<Record<string, unknown>>): boolean =>
  lane === 'RED' || (lane === 'YELLOW' && (state === 'awaiting-approval' || approved !== null))

const STEPS: Readonly<Record<number, Step>> = {
  1: (record) => ({ ...record, v: 2, asks: asksByState(record), keptUntil: null, resume: null }),
}

/** The record, or `null` when it is not one. `from` is the shape its row names. */
export function upcast(from: number, stored: unknown): ReceiptRecord | null {
  let record = stored
  for (let shape = from; shape < SHAPE; shape++) {
    const step = STEPS[shape]
    if (!step || typeof record !== 'object' || record === null) return null
    record = step(record as Record<string, unknown>)
  }
  const parsed = v.safeParse(ReceiptRecordSchema, record)
  return parsed.success ? parsed.output : null
}
