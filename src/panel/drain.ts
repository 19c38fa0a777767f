import type { WaitingFor } from '../protocol/views.ts'
import { counted } from './phrases.ts'
import type { OutboxSource } from './source.ts'
import { unsent } from './unsent.ts'

/** Without any change for this long, what is left does not go out by waiting here. Milliseconds. */
const PATIENCE_MS = 20_000
const LOOK_MS = 500

/** Waits that no patience ends: a person, another page or a switch must do something first. */
const STUCK: ReadonlySet<WaitingFor> = new Set<WaitingFor>(['approval', 'person', 'export', 'gate', 'sign-in', 'page', 'update'])

/** Watches the outbox empty itself and tells how many are left. `stuck` says in words why the rest does not go out. Returns the way to stop. */
export const drain = (source: OutboxSource, tell: (left: number, stuck: string | null) => void): (() => void) => {
  let stopped = false
  let last = Number.POSITIVE_INFINITY
  let changedAt = Date.now()
  const look = async (): Promise<void> => {
    const { count: left, oldest, isAll } = await unsent(source)
    if (stopped) return
    if (left !== last) changedAt = Date.now()
    last = left
    const moving =
      !isAll ||
      oldest.some(({ status, waitingFor, blockedBy }) => status !== 'dead' && blockedBy === undefined && !STUCK.has(waitingFor ?? 'its turn'))
    const words = `${counted(left, 'action')} cannot go out now: ${left === 1 ? 'it waits' : 'they wait'} for something else first, or failed.`
    tell(left, left > 0 && (!moving || Date.now() - changedAt > PATIENCE_MS) ? words : null)
    if (!stopped && left > 0) timer = setTimeout(() => void look(), LOOK_MS)
  }
  let timer = setTimeout(() => void look(), 0)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
