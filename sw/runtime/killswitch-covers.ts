/** Whether one document is at least as strict as another for everybody; where that cannot be said, it is not. */
import type { KillClaims, KillScope } from '../../src/protocol/kill-document.ts'
import { LANES } from '../../src/protocol/views.ts'

type Terms = Pick<KillClaims, 'action' | 'scopes' | 'raise' | 'rollout'>
type State = Terms['action']

/** What each state holds of the others. `readonly` and `drain` each allow what the other does not. */
const HOLDS: Readonly<Record<State, readonly State[]>> = {
  run: ['run'],
  readonly: ['run', 'readonly'],
  drain: ['run', 'drain'],
  kill: ['run', 'readonly', 'drain', 'kill'],
  'safe-worker': ['run', 'readonly', 'drain', 'kill', 'safe-worker'],
}
const EVERYBODY: readonly KillScope[] = [{}]

const reaches = (pattern: string | undefined, other: string | undefined): boolean =>
  pattern === undefined || pattern === other || (other !== undefined && pattern.endsWith('*') && other.startsWith(pattern.slice(0, -1)))

const isSameRange = (wide: KillScope['release'], narrow: KillScope['release']): boolean =>
  wide === undefined || (narrow !== undefined && wide.min === narrow.min && wide.max === narrow.max)

const contains = (wide: KillScope, narrow: KillScope): boolean =>
  (wide.tenant === undefined || wide.tenant === narrow.tenant) &&
  reaches(wide.action, narrow.action) &&
  reaches(wide.agent, narrow.agent) &&
  isSameRange(wide.release, narrow.release)

const laneOf = ({ raise }: Terms): number => LANES.indexOf(raise ?? 'GREEN')

export function covers(next: Terms, held: Terms): boolean {
  const mine = next.scopes ?? EVERYBODY
  const isOffForAll = next.scopes === undefined && (next.action === 'kill' || next.action === 'safe-worker')
  const isWithin = (held.scopes ?? EVERYBODY).every((scope) => mine.some((wide) => contains(wide, scope)))
  const { rollout } = held
  return (
    (held.action === 'run' || (isWithin && HOLDS[next.action].includes(held.action))) &&
    (held.raise === undefined || (isWithin && laneOf(next) >= laneOf(held)) || isOffForAll) &&
    (rollout === undefined || isOffForAll || (next.rollout?.salt === rollout.salt && next.rollout.percent <= rollout.percent))
  )
}
