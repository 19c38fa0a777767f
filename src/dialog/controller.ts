import type { ApprovalView, Status } from '../protocol/views.ts'

/** Before a decision can be made: long enough that a click meant for the page does not land here, short enough not to annoy. Milliseconds. */
export const ARMING_MS = 1_000
/** How long the dialog says why the shown approval vanished, before the next one takes its place. Milliseconds. */
export const GONE_MS = 2_500

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
  readonly gone: { readonly fate: Fate; readonly until: number } | null
  /** From when on a decision is taken, epoch ms; `null` while the approval cannot be seen. */
  readonly armedAt: number | null
  readonly busy: Verdict | null
  readonly error: string | null
  /** Put aside by a person; not a denial. */
  readonly dismissed: boolean
  readonly visible: boolean
}

export type DialogEvent =
  | { readonly type: 'listed'; readonly approvals: readonly ApprovalView[]; readonly fates: ReadonlyMap<string, Status> }
  | { readonly type: 'visibility'; readonly visible: boolean }
  | { readonly type: 'dismissed' | 'reopened' | 'ticked' }
  | { readonly type: 'stepped'; readonly by: 1 | -1 }
  | { readonly type: 'chosen'; readonly verdict: Verdict }
  | { readonly type: 'answered'; readonly error: string | null }

export const initialState = (visible: boolean): DialogState => ({
  queue: [],
  listed: [],
  fates: new Map(),
  decided: new Set(),
  shown: null,
  gone: null,
  armedAt: null,
  busy: null,
  error: null,
  dismissed: false,
  visible,
})

/** The exact call: the same id with another digest is another approval. */
export const identity = (approval: ApprovalView): string => `${approval.id} ${approval.digest}`

const oldestFirst = (a: ApprovalView, b: ApprovalView): number => a.requestedAt - b.requestedAt || (a.id < b.id ? -1 : 1)

const arm = (state: DialogState, now: number): DialogState => ({
  ...state,
  armedAt: state.visible && !state.dismissed && state.shown !== null && state.gone === null ? now + ARMING_MS : null,
})

const show = (state: DialogState, shown: ApprovalView | null, now: number): DialogState =>
  arm({ ...state, shown, gone: null, busy: null, error: null, dismissed: state.dismissed && shown !== null }, now)

const fateOf = (state: DialogState, shown: ApprovalView, now: number): Fate => {
  if (shown.expiresAt <= now) return 'expired'
  if (state.listed.some((other) => other.id === shown.id)) return 'changed'
  return state.fates.get(shown.key) ?? 'unlisted'
}

/** Brings what is shown in line with the queue, never replacing a shown approval that still waits. */
const settle = (state: DialogState, now: number): DialogState => {
  const queue = state.listed.filter((one) => one.expiresAt > now && !state.decided.has(identity(one))).toSorted(oldestFirst)
  const next = { ...state, queue }
  const { shown, gone } = next
  if (shown !== null && (next.busy !== null || (gone === null && positionOf(next) > 0))) return next
  if (shown === null || next.dismissed || (gone !== null && now >= gone.until)) return show(next, queue[0] ?? null, now)
  return gone !== null ? next : { ...next, error: null, armedAt: null, gone: { fate: fateOf(next, shown, now), until: now + GONE_MS } }
}

/** Whether a click would be taken at `now`. */
export const canDecide = (state: DialogState, now: number): boolean =>
  state.armedAt !== null && now >= state.armedAt && state.busy === null && state.shown !== null && state.shown.expiresAt > now

const apply = (state: DialogState, event: DialogEvent, now: number): DialogState => {
  switch (event.type) {
    case 'listed':
      return { ...state, listed: event.approvals, fates: event.fates }
    case 'visibility':
      return event.visible === state.visible ? state : arm({ ...state, visible: event.visible }, now)
    case 'dismissed':
      return { ...state, dismissed: true, armedAt: null }
    case 'reopened':
      return state.dismissed ? arm({ ...state, dismissed: false }, now) : state
    case 'stepped': {
      const to = state.queue[positionOf(state) - 1 + event.by]
      return to === undefined || state.busy !== null || state.gone !== null ? state : show(state, to, now)
    }
    case 'chosen':
      return canDecide(state, now) ? { ...state, busy: event.verdict, error: null } : state
    case 'answered':
      if (state.busy === null || state.shown === null) return state
      if (event.error !== null) return { ...state, busy: null, error: event.error, dismissed: false }
      return show({ ...state, decided: new Set(state.decided).add(identity(state.shown)) }, null, now)
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
  Math.min(...[state.armedAt ?? 0, state.gone?.until ?? 0, ...state.queue.map((one) => one.expiresAt)].filter((at) => at > now), Infinity)
