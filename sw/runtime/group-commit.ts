/** Many changes, one strict transaction: whoever comes while one is being written shares the next. */
import { err, ok, type Result } from '../../src/base/result.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { ChangeOutcome, LedgerChange, LedgerStore, StoreFailure } from '../ports/ledger-store.ts'

type Waiting = { readonly change: LedgerChange; readonly settle: (outcome: Result<ChangeOutcome, StoreFailure>) => void }

export type GroupCommit = { add(change: LedgerChange): Promise<Result<ChangeOutcome, StoreFailure>> }

export function createGroupCommit(store: LedgerStore): GroupCommit {
  let waiting: Waiting[] = []
  let isWriting = false

  async function write(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      const group = waiting.slice(0, LIMITS.groupCommitMax)
      waiting = waiting.slice(LIMITS.groupCommitMax)
      const outcomes = await store
        .commit(group.map(({ change }) => change))
        .catch((): Result<never, StoreFailure> => err({ code: 'ABORTED', name: 'Error' }))
      group.forEach(({ settle }, i) => {
        const outcome = outcomes.ok ? outcomes.value[i] : undefined
        settle(outcome ? ok(outcome) : outcomes.ok ? ok({ kind: 'conflict' }) : outcomes)
      })
    }
    isWriting = false
  }

  return {
    add: (change) =>
      new Promise((settle) => {
        waiting.push({ change, settle })
        if (!isWriting) void write()
      }),
  }
}
