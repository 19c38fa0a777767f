/** An open page: the worker's alarm clock, and where page effects run. It knows what the worker told it, and nothing else. */
import type { WorkerMessage } from '../protocol/messages.ts'
import type { ReceiptView, WaitingFor } from '../protocol/views.ts'

export type Page = { hear(message: WorkerMessage): void; close(): void; look(): void }

const LOOK_MS = 20_000
/** A page looks every 20 s; here less and less often while nothing changes, so that a day of waiting stays cheap to simulate. */
const LOOK_MAX_MS = 1_800_000
const NOBODY_BUT: ReadonlySet<WaitingFor | undefined> = new Set<WaitingFor | undefined>([
  'approval',
  'person',
  'gate',
  'sign-in',
  'sequence',
  'export',
  'update',
])

export type PageDeps = {
  readonly now: () => number
  readonly isUp: () => boolean
  readonly later: (ms: number, run: () => void) => () => void
  readonly wake: () => void
  readonly run: (message: Extract<WorkerMessage, { type: 'maestro:page-effect' }>) => void
}

export function createPage({ now, isUp, later, wake, run }: PageDeps): Page {
  const views = new Map<string, ReceiptView>()
  let isOpen = true
  let lookMs = LOOK_MS
  let lastDue = Infinity
  let cancel: () => void = () => undefined

  const dues = (): number[] =>
    [...views.values()].flatMap(({ dueAt, waitingFor }) =>
      dueAt !== undefined && !NOBODY_BUT.has(waitingFor) && (isUp() || waitingFor !== 'network') ? [dueAt] : [],
    )

  const look = (): void => {
    cancel()
    if (!isOpen) return
    const due = Math.min(...dues())
    if (due <= now()) {
      wake()
      cancel = later(lookMs, look)
      lookMs = Math.min(LOOK_MAX_MS, lookMs * 2)
    } else if (due < Infinity) cancel = later(Math.max(1_000, due - now()), look)
  }

  return {
    look,
    close() {
      isOpen = false
      cancel()
    },
    hear(message) {
      if (!isOpen) return
      if (message.type === 'maestro:delta') {
        for (const view of message.delta.receipts) {
          if (view.dueAt === undefined) views.delete(view.id)
          else views.set(view.id, view)
        }
        const due = Math.min(...dues())
        if (due !== lastDue) lookMs = LOOK_MS
        lastDue = due
        cancel()
        if (due < Infinity) cancel = later(due > now() ? Math.max(1_000, due - now()) : lookMs, look)
      } else if (message.type === 'maestro:page-effect') run(message)
    },
  }
}

/** Closes all of a device's pages at once. */
export function closePages(pages: Page[]): void {
  for (const page of pages.splice(0)) page.close()
}
