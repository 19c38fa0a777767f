import { TERMINAL } from '../protocol/views.ts'
import type { ReceiptView, Snapshot } from '../protocol/views.ts'
import { isTrouble } from './arrange.ts'
import type { OutboxSource } from './source.ts'

/** Rows that "Show more" adds; few enough that a redraw is one short task. */
export const STEP = 50
/** Rows shown at once, at most; also the most that one page of the outbox holds. Beyond it the window moves on. */
export const WINDOW_MAX = 200
/** Between two questions to the worker while things change, ms: quick for an eye, cheap for a drain of thousands. */
export const PACE_MS = 300
/** Between two searches of the whole outbox for what needs a person, ms. */
const SEARCH_PACE_MS = 2_000
/** Troubles shown at once; the rest move up. */
export const TROUBLES_MAX = 50

export type FeedState = {
  readonly snapshot: Snapshot | null
  /** The window's receipts, oldest first. */
  readonly items: readonly ReceiptView[]
  /** Failed for good, or nobody knows; oldest first, at most `TROUBLES_MAX`. */
  readonly troubled: readonly ReceiptView[]
  /** How many were taken out in a file. */
  readonly exported: number
  /** Whether there are older and newer ones outside the window. */
  readonly before: boolean
  readonly after: boolean
  /** How many rows the window may hold now. */
  readonly limit: number
  /** The last question went unanswered. */
  readonly failed: boolean
}

export type Feed = {
  readonly state: FeedState
  /** Widens the window, and moves it on once it is as wide as it may be. */
  more(): void
  toStart(): void
  /** Asks anew, soon; after a command of a person's. */
  refresh(): void
  /** Nobody looks, nothing is asked; what was missed is asked when somebody does. */
  look(isWatched: boolean): void
  stop(): void
}

const sorted = (found: readonly ReceiptView[]): Pick<FeedState, 'troubled' | 'exported'> => {
  const troubled = found.filter(({ waitingFor }) => waitingFor !== 'export')
  return { troubled: troubled.slice(0, TROUBLES_MAX), exported: found.length - troubled.length }
}

const isOpen = (receipt: ReceiptView): boolean => receipt.status === 'dead' || !TERMINAL.has(receipt.status)

/**
 * Keeps one window of the outbox up to date, without a page in sight: snapshots say that something changed, pages of the
 * outbox say what. Snapshots alone would not do: they hold the newest receipts only, and an outbox may hold thousands.
 */
export const createFeed = (source: OutboxSource, changed: () => void): Feed => {
  let state: FeedState = { snapshot: source.snapshot, items: [], troubled: [], exported: 0, before: false, after: false, limit: STEP, failed: false }
  let cursor: number | undefined
  let next: number | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking = false
  let again = false
  let stopped = false
  let watched = true
  let askedAt = 0
  let searchedAt = 0
  let searchedFor = -1

  const set = (part: Partial<FeedState>): void => {
    state = { ...state, ...part }
    changed()
  }
  const schedule = (): void => {
    // Nobody's outbox cannot be asked for.
    if (stopped || (state.snapshot?.principal ?? null) === null) return
    if (asking || !watched) again = true
    else timer ??= setTimeout(() => void ask(), Math.max(0, askedAt + PACE_MS - Date.now()))
  }
  const page = (after: number | undefined, limit: number) => source.outbox(after === undefined ? { limit } : { after, limit })

  /** Reads on until as many troubles are found as the worker counts, or the outbox ends. */
  const search = async (wanted: number): Promise<void> => {
    const found: ReceiptView[] = []
    let after: number | undefined
    do {
      const { items, next: rest } = await page(after, WINDOW_MAX)
      found.push(...items.filter(isTrouble))
      after = rest ?? undefined
    } while (after !== undefined && found.length < wanted && !stopped)
    searchedAt = Date.now()
    searchedFor = wanted
    if (!stopped) set(sorted(found))
  }

  const ask = async (): Promise<void> => {
    timer = undefined
    asking = true
    again = false
    const from = cursor
    try {
      const read = await page(from, state.limit)
      if (from === cursor && !stopped) {
        next = read.next
        const whole = from === undefined && next === null
        const attention = state.snapshot?.attention ?? 0
        const found = whole || attention === 0 ? sorted(read.items.filter(isTrouble)) : {}
        set({ items: read.items, before: from !== undefined, after: next !== null, failed: false, ...found })
        if (whole || attention === 0) searchedFor = -1
        else if (attention !== searchedFor) {
          if (Date.now() - searchedAt > SEARCH_PACE_MS) await search(attention)
          else again = true
        }
        if (read.items.length === 0 && from !== undefined) toStart()
      }
    } catch {
      // What snapshots hold is better than nothing.
      const { snapshot, items, limit } = state
      if (!stopped) set({ failed: true, items: items.length > 0 ? items : (snapshot?.receipts ?? []).filter(isOpen).toReversed().slice(0, limit) })
    }
    asking = false
    askedAt = Date.now()
    if (again) schedule()
  }

  /** Why an item waits may change without a change of its own, and only a page says so: of snapshots only what is newer is taken. */
  const overlay = (receipts: readonly ReceiptView[], newest: ReadonlyMap<string, ReceiptView>): readonly ReceiptView[] =>
    receipts
      .map((receipt) => {
        const other = newest.get(receipt.id)
        return other !== undefined && other.updatedAt > receipt.updatedAt ? other : receipt
      })
      .filter(isOpen)

  const hear = (snapshot: Snapshot): void => {
    const same = snapshot.principal?.user === state.snapshot?.principal?.user && snapshot.principal?.tenant === state.snapshot?.principal?.tenant
    const newest = new Map(snapshot.receipts.map((receipt) => [receipt.id, receipt]))
    if (!same) {
      cursor = undefined
      searchedFor = -1
    }
    set({
      snapshot,
      // Another person's work is not left standing while theirs is read.
      items: same ? overlay(state.items, newest) : [],
      failed: same && state.failed,
      troubled: same ? overlay(state.troubled, newest).filter(isTrouble) : [],
      exported: same ? state.exported : 0,
    })
    schedule()
  }

  const toStart = (): void => {
    cursor = undefined
    set({ limit: STEP })
    schedule()
  }

  const forget = source.subscribe(hear)
  schedule()
  return {
    get state() {
      return state
    },
    more: () => {
      if (state.limit < WINDOW_MAX) set({ limit: state.limit + STEP })
      else if (next !== null) cursor = next
      schedule()
    },
    toStart,
    refresh: () => {
      searchedFor = -1
      searchedAt = 0
      schedule()
    },
    look: (isWatched) => {
      watched = isWatched
      if (watched && again && !asking) schedule()
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      forget()
    },
  }
}
