import type { Sql } from 'postgres'
import { createVerifier } from '../../server/index.ts'
import type { ServerKeys, Verify } from '../../server/index.ts'
import { openReceiptStore } from './receipt-store.ts'

/** From this amount on a payment needs a person who proved who they are. The currency does not matter to the demo. */
const VERIFIED_FROM = 100

/** What a payment needs beyond a valid receipt. What is no plain amount needs the most. */
export const paymentNeeds = (amount: unknown): 'approval' | 'verification' =>
  typeof amount === 'string' && Number(amount) < VERIFIED_FROM ? 'approval' : 'verification'

/** The check that no payment passes without: by the published keys, which are asked for once. */
export const paymentReceipts = async (sql: Sql, fetchKeys: () => Promise<ServerKeys>): Promise<Verify> => {
  let keys: Promise<ServerKeys> | undefined
  return createVerifier({
    keys: async () => {
      keys ??= fetchKeys()
      return keys.catch((error: unknown) => {
        keys = undefined
        throw error
      })
    },
    replays: await openReceiptStore(sql),
    origins: (origin) => URL.canParse(origin) && new URL(origin).hostname === 'localhost',
  })
}
