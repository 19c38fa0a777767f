import type { Handle } from '../../../client/api.ts'
import type { Status } from '../../../protocol/views.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { statusChip } from './status-chip.ts'
import { waitingWords } from './waiting-words.ts'

export type HandleOutcome = { readonly element: HTMLElement; status(): Status; onChange(listener: () => void): void; stop(): void }

/** The live outcome of one call: its chip, and why it waits or what refused it. */
export const handleOutcome = (app: App, handle: Handle): HandleOutcome => {
  const chip = statusChip()
  const why = h('span', { class: 'outcome-why' })
  const listeners = new Set<() => void>()
  let last: Status | null = null
  const show = (): void => {
    const receipt = app.live.receipt(handle.key)
    const status = receipt?.status ?? handle.status
    chip.show(status)
    why.textContent =
      receipt !== null ? waitingWords(receipt) : handle.failure === undefined ? '' : `${handle.failure.code}: ${handle.failure.message}`
    if (status === last) return
    last = status
    for (const listener of listeners) listener()
  }
  const stop = app.live.watch(show)
  show()
  void handle.settled.then(show)
  return {
    element: h('span', { class: 'outcome' }, chip.element, why),
    status: () => last ?? handle.status,
    onChange: (listener) => void listeners.add(listener),
    stop,
  }
}
