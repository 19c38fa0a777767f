import { GENESIS, type ChainHead } from '../../src/audit/entry.ts'
import * as v from '../../src/protocol/schema.ts'

/** The chain's end, and the highest admission order given so far. */
export type LedgerHead = ChainHead & { readonly order: number }

const HeadSchema = v.object({ seq: v.number(), hash: v.string(), order: v.number() })

export const headOf = (stored: unknown): LedgerHead => {
  const head = v.safeParse(HeadSchema, stored)
  return head.success ? head.output : { ...GENESIS, order: 0 }
}
