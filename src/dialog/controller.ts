import type { ApprovalView, Status } from '../protocol/views.ts'
import { readingMs } from './reading.ts'

/** Before a decision can be made: long enough that a click meant for the page does not land here, short enough not to annoy. Milliseconds. */
export const ARMING_MS = 1_000
/** The same, once more was asked than a person can weigh. Milliseconds. */
export const SLOW_ARMING_MS = 3_000
/** More requests than this within `ASKS_WINDOW_MS` are too many to weigh. */
export const ASKS_MAX = 6
export const ASKS_WINDOW_MS = 120_000
/** How long the dialog says why the shown approval vanished, before the next one takes its place. Milliseconds. */
export const GONE_MS = 2_500
/** How long a decision that was taken is repeated with its digest words. Milliseconds. */
export const TOLD_MS = 6_000

/** Expiry is warned of from this long before it. Milliseconds. */
export const SOON_MS = 120_000

export type Verdict = 'approve' | 'deny'

/** Why the approval that was shown no longer waits. */
export type Fate = 'expired' | 'changed' | Status | 'unlisted'

export type DialogState = {
  /** Waiting approvals, oldest first, without those that expired or were decided here. */
  readonly queue: readonly ApprovalView[]
  /** What the worker last listed. */
  readonly listed: readonly ApprovalView[]
  readonly fates: ReadonlyMap<string, Status>
  /** Decided here; the worker's list may still be older. */
  readonly decided: ReadonlySet<string>
  readonly shown: ApprovalView | null
  /** When `shown` came into view, epoch ms. */
  readonly since: number
  /** Values of `shown` whose end was not in view yet; `null` before that is known. */
  readonly unseen: number | null
  /** Seen to the end of every value, once. */
  readonly seen: ReadonlySet<string>
  /** Already asked to be read once more. */
  readonly again: ReadonlySet<string>
  /** When each recent request was made, epoch ms. */
  readonly asks: ReadonlyMap<string, number>
  readonly gone: { readonly fate: Fate; readonly until: number } | null
  /** From when on a decision is taken, epoch ms; `null` while the approval cannot be seen. */
  readonly armedAt: number | null
  readonly busy: Verdict | null
  readonly error: string | null
  /** The last decision taken here. */
  readonly told: { readonly verdict: Verdict; readonly words: readonly string[]; readonly until: number } | null
  /** Put aside by a person; not a denial. */
  readonly dismissed: boolean
  readonly visible: boolean
  /** Something lies over the dialog. */
  readonly covered: boolean
}

export type DialogEvent =
  | { readonly type: 'listed'; readonly approvals: readonly ApprovalView[]; readonly fates: ReadonlyMap<string, Status> }
  | { readonly type: 'visibility'; readonly visible: boolean }
  | { readonly type: 'cover'; readonly covered: boolean }
  | { readonly type: 'dismissed' | 'reopened' | 'ticked' | 'hurried' }
  | { readonly type: 'stepped'; readonly by: 1 | -1 }
  | { readonly type: 'picked'; readonly id: string }
  | { readonly type: 'viewed'; readonly identity: string; readonly unseen: number }
  | { readonly type: 'chosen'; readonly verdict: Verdict }
  | { readonly type: 'answered'; readonly error: string | null }
  | { readonly type: 'decided'; readonly approval: ApprovalView }

export const initialState = (visible: boolean): DialogState => ({
  queue: [],
  listed: [],
  fates: new Map(),
  decided: new Set(),
  shown: null,
  since: 0,
  unseen: null,
  seen: new Set(),
  again: new Set(),
  asks: new Map(),
  gone: null,
  armedAt: null,
  busy: null,
  error: null,
  told: null,
  dismissed: false,
  visible,
  covered: false,
})

/** The exact call: the same id with another digest is another approval. */
export const identity = (approval: ApprovalView): string => `${approval.id} ${approval.digest}`

const oldestFirst = (a: ApprovalView, b: ApprovalView): number => a.requestedAt - b.requestedAt || (a.id < b.id ? -1 : 1)

/** How many requests came lately, when these are more than a person can weigh; else 0. */
export const flood = (state: DialogState, now: number): number => {
  const recent = [...state.asks.values()].filter((at) => at > now - ASKS_WINDOW_MS).length
  return recent > ASKS_MAX ? recent : 0
}

const arm = (state: DialogState, now: number): DialogState => {
  const inView = state.visible && !state.covered && !state.dismissed && state.shown !== null && state.gone === null
  return { ...state, armedAt: inView ? now + (flood(state, now) > 0 ? SLOW_ARMING_MS : ARMING_MS) : null }
}

const show = (state: DialogState, shown: ApprovalView | null, now: number): DialogState =>
  arm({ ...state, shown, since: now, unseen: null, gone: null, busy: null, error: null, dismissed: state.dismissed && shown !== null }, now)

const fateOf = (state: DialogState, shown: ApprovalView, now: number): Fate => {
  if (shown.expiresAt <= now) return 'expired'
  if (state.listed.some((other) => other.id === shown.id)) return 'changed'
  return state.fates.get(shown.key) ?? 'unlisted'
}

/** Brings what is shown in line with the queue, never replacing a shown approval that still waits. */
const settle = (state: DialogState, now: number): DialogState => {
  const queue = state.listed.filter((one) => one.expiresAt > now && !state.decided.has(identity(one))).toSorted(oldestFirst)
  const told = state.told !== null && now >= state.told.until ? null : state.told
  const next = { ...state, queue, told }
  const { shown, gone } = next
  if (shown !== null && (next.busy !== null || (gone === null && positionOf(next) > 0))) return next
  if (shown === null || next.dismissed || (gone !== null && now >= gone.until)) return show(next, queue[0] ?? null, now)
  return gone !== null ? next : { ...next, error: null, armedAt: null, gone: { fate: fateOf(next, shown, now), until: now + GONE_MS } }
}

/** Whether a click would be taken at `now`. Denying needs no reading. */
export const canDecide = (state: DialogState, now: number, verdict: Verdict): boolean =>
  state.armedAt !== null &&
  now >= state.armedAt &&
  state.busy === null &&
  state.shown !== null &&
  state.shown.expiresAt > now &&
  (verdict === 'deny' || state.seen.has(identity(state.shown)))

/** Puts `error` on view and takes nothing until the dialog is armed anew. */
const hold = (state: DialogState, error: string, now: number): DialogState => arm({ ...state, error }, now)

const choose = (state: DialogState, verdict: Verdict, now: number): DialogState => {
  const { shown } = state
  if (shown === null || !canDecide(state, now, verdict)) return state
  const name = identity(shown)
  if (verdict === 'approve' && shown.lane === 'RED' && !state.again.has(name) && now - state.since < readingMs(shown))
    return hold({ ...state, again: new Set(state.again).add(name) }, READ_AGAIN, now)
  return { ...state, busy: verdict, error: null }
}

export const READ_AGAIN = 'That was too quick to have been read. Read it once more.'

const decided = (state: DialogState, approval: ApprovalView, verdict: Verdict, now: number): DialogState => ({
  ...state,
  decided: new Set(state.decided).add(identity(approval)),
  told: { verdict, words: approval.words, until: now + TOLD_MS },
})

const listed = (state: DialogState, approvals: readonly ApprovalView[], now: number): ReadonlyMap<string, number> => {
  const asks = new Map([...state.asks].filter(([, at]) => at > now - ASKS_WINDOW_MS))
  for (const one of approvals) asks.set(identity(one), one.requestedAt)
  return asks
}

const apply = (state: DialogState, event: DialogEvent, now: number): DialogState => {
  const { shown } = state
  const stuck = state.busy !== null || state.gone !== null
  switch (event.type) {
    case 'listed':
      return { ...state, listed: event.approvals, fates: event.fates, asks: listed(state, event.approvals, now) }
    case 'visibility':
      return event.visible === state.visible ? state : arm({ ...state, visible: event.visible }, now)
    case 'cover':
      return event.covered === state.covered ? state : arm({ ...state, covered: event.covered }, now)
    case 'dismissed':
      return { ...state, dismissed: true, armedAt: null }
    case 'reopened':
      return state.dismissed ? arm({ ...state, dismissed: false, since: now }, now) : state
    case 'hurried':
      return stuck || state.armedAt === null || now >= state.armedAt ? state : hold(state, READ_AGAIN, now)
    case 'picked': {
      const to = state.queue.find((one) => one.id === event.id)
      if (to === undefined || stuck) return state
      return shown === to ? apply(state, { type: 'reopened' }, now) : show({ ...state, dismissed: false }, to, now)
    }
    case 'stepped': {
      const to = state.queue[positionOf(state) - 1 + event.by]
      return to === undefined || stuck ? state : show(state, to, now)
    }
    case 'viewed':
      if (shown === null || identity(shown) !== event.identity) return state
      return { ...state, unseen: event.unseen, seen: event.unseen === 0 ? new Set(state.seen).add(event.identity) : state.seen }
    case 'chosen':
      return choose(state, event.verdict, now)
    case 'answered':
      if (state.busy === null || shown === null) return state
      if (event.error !== null) return { ...state, busy: null, error: event.error, dismissed: false }
      return show(decided(state, shown, state.busy, now), null, now)
    case 'decided': {
      const next = decided(state, event.approval, 'approve', now)
      return shown !== null && identity(shown) === identity(event.approval) ? show(next, null, now) : next
    }
    case 'ticked':
      return state
  }
}

/** The next state; pure. `now` is epoch ms. */
export const reduce = (state: DialogState, event: DialogEvent, now: number): DialogState => settle(apply(state, event, now), now)

/** Place of the shown approval in the queue, from 1; 0 when it is not in it. */
export const positionOf = (state: DialogState): number => {
  const { shown } = state
  return shown === null ? 0 : state.queue.findIndex((one) => identity(one) === identity(shown)) + 1
}

/** When the state changes by time alone, epoch ms; Infinity when it does not. */
export const nextChangeAt = (state: DialogState, now: number): number =>
  Math.min(
    ...[
      state.armedAt ?? 0,
      state.gone?.until ?? 0,
      state.told?.until ?? 0,
      ...state.queue.flatMap((one) => [one.expiresAt, one.expiresAt - SOON_MS + 1]),
    ].filter((at) => at > now),
    Infinity,
  )
