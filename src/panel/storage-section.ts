import { h, write } from '../dialog/h.ts'
import type { Snapshot } from '../protocol/views.ts'
import { button } from './button.ts'
import { counted, sizePhrase } from './phrases.ts'

/** How often the browser is asked how much is used, at most. Milliseconds. */
const ASK_MS = 10_000

/** Where the work is kept, how safely, and what of it could not be read. */
export const storageSection = (): { readonly element: HTMLElement; readonly acts: HTMLElement; show(snapshot: Snapshot): void } => {
  const kept = h('p', {})
  const used = h('p', { class: 'quiet' })
  const asked = h('p', { role: 'status' })
  const unread = h('p', { class: 'note' })
  const parked = h('p', { class: 'note' })
  let persisted: boolean | null = null
  let durable = true
  let askedAt = -ASK_MS

  const state = (): string => {
    if (!durable) return 'Kept only while this browser runs: closing it loses what is not sent.'
    if (persisted === null) return 'Kept on this device, sealed.'
    return persisted
      ? 'Kept on this device, sealed. The browser will not clear it by itself.'
      : 'Kept on this device, sealed. The browser may clear it when space runs out.'
  }
  const keep = button('Keep this data', '', async () => {
    persisted = await navigator.storage.persist().catch(() => false)
    asked.textContent = persisted
      ? 'The browser agreed to keep it.'
      : 'The browser did not agree. It usually does once you have used this app more, or installed it.'
    draw()
  })
  const draw = (): void => {
    write(kept, state())
    keep.hidden = !durable || persisted !== false
  }
  const ask = async (): Promise<void> => {
    // Not every browser has it, and none outside a secure context.
    const storage = navigator.storage as StorageManager | undefined
    const [estimate, isPersisted] = await Promise.all([storage?.estimate().catch(() => null), storage?.persisted().catch(() => null)])
    persisted = isPersisted ?? null
    if (estimate?.usage !== undefined && estimate.quota !== undefined)
      write(used, `${sizePhrase(estimate.usage)} of ${sizePhrase(estimate.quota)} used by this app.`)
    draw()
  }
  draw()
  const acts = h('div', { class: 'acts' }, keep)
  return {
    element: h('section', { class: 'device' }, h('h2', {}, 'On this device'), kept, used, unread, parked, asked, acts),
    acts,
    show: ({ durability, quarantined, parked: newer }) => {
      durable = durability === 'durable'
      write(
        unread,
        quarantined === 0
          ? ''
          : `${counted(quarantined, 'record')} could not be read. ${quarantined === 1 ? 'It is' : 'They are'} set aside, and nothing was sent from ${quarantined === 1 ? 'it' : 'them'}.`,
      )
      write(
        parked,
        newer === 0
          ? ''
          : `${counted(newer, 'action was', 'actions were')} written by a newer version of this app. ${newer === 1 ? 'It waits' : 'They wait'} until that runs again.`,
      )
      draw()
      if (Date.now() - askedAt < ASK_MS) return
      askedAt = Date.now()
      void ask()
    },
  }
}
