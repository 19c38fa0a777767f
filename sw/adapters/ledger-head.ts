import { GENESIS, type ChainHead } from '../../src/audit/entry.ts'
import * as v from '../../src/protocol/schema.ts'

/** The chain's end, and the highest admission order given so far. */
export type LedgerHead = ChainHead & { readonly order: number }

const HeadSchema = v.object({ seq: v.number(), hash: v.string(), order: v.number() })

/** The head, or `null` when what lies there is none. */
export const parseHead = (stored: unknown): LedgerHead | null => {
  const head = v.safeParse(HeadSchema, stored)
  return head.success ? head.output : null
}

export const headOf = (stored: unknown): LedgerHead => parseHead(stored) ?? { ...GENESIS, order: 0 }
