import type { Failure } from '../protocol/failure.ts'
import { TERMINAL, type ReceiptView, type Status } from '../protocol/views.ts'
import type { Json } from '../base/json.ts'
import type { Handle, Settled } from './api.ts'

export type LiveHandle = Handle & { update(view: ReceiptView): void }

const settledOf = (view: ReceiptView): Settled => ({
  key: view.key,
  status: view.status,
  ...(view.result === undefined ? {} : { result: view.result }),
  ...(view.failure === undefined ? {} : { failure: view.failure }),
})

/** A handle that follows its receipt; `cancel` asks the worker. */
export function createHandle(first: ReceiptView, idempotent: boolean, cancel: (key: string) => Promise<boolean>): LiveHandle {
  let view = first
  const { promise, resolve } = Promise.withResolvers<Settled>()
  const update = (next: ReceiptView): void => {
    if (TERMINAL.has(view.status) && next !== view) return
    view = next
    if (TERMINAL.has(view.status)) resolve(settledOf(view))
  }
  update(first)
  return {
    key: first.key,
    idempotent,
    settled: promise,
    get status(): Status {
      return view.status
    },
    get result(): Json {
      return view.result as Json
    },
    get failure(): Failure {
      return view.failure as Failure
    },
    cancel: () => cancel(first.key),
    update,
  }
}

/** A handle on something that never reached the ledger. */
export function closedHandle(settled: Settled): Handle {
  return { ...settled, idempotent: false, settled: Promise.resolve(settled), cancel: () => Promise.resolve(false) }
}
