/**
 * Whether one document is at least as strict as another for everybody. What the stop key says must be, over what is in force; only the resume
 * key may loosen. Devices decide the same by themselves (`sw/runtime/killswitch-covers.ts`): here it keeps an operator from publishing what they refuse.
 */
import { ACTIONS } from './terms.ts'
import type { Scope, Terms } from './terms.ts'

type State = Terms['action']

const LANES = ['GREEN', 'YELLOW', 'RED', 'BLOCKED']
const STRICT: Readonly<Record<State, readonly State[]>> = {
  run: ['run'],
  readonly: ['run', 'readonly'],
  drain: ['run', 'drain'],
  kill: ['run', 'readonly', 'drain', 'kill'],
  'safe-worker': ['run', 'readonly', 'drain', 'kill', 'safe-worker'],
}
const EVERYBODY: readonly Scope[] = [{}]

const reaches = (pattern: string | undefined, other: string | undefined): boolean =>
  pattern === undefined || pattern === other || (other !== undefined && pattern.endsWith('*') && other.startsWith(pattern.slice(0, -1)))

const isSameRange = (wide: Scope['release'], narrow: Scope['release']): boolean =>
  wide === undefined || (narrow !== undefined && wide.min === narrow.min && wide.max === narrow.max)

const contains = (wide: Scope, narrow: Scope): boolean =>
  (wide.tenant === undefined || wide.tenant === narrow.tenant) &&
  reaches(wide.action, narrow.action) &&
  reaches(wide.agent, narrow.agent) &&
  isSameRange(wide.release, narrow.release)

const laneOf = ({ raise }: Terms): number => LANES.indexOf(raise ?? 'GREEN')

export const covers = (next: Terms, held: Terms): boolean => {
  const mine = next.scopes ?? EVERYBODY
  const isOffForAll = next.scopes === undefined && (next.action === 'kill' || next.action === 'safe-worker')
  const isWithin = (held.scopes ?? EVERYBODY).every((scope) => mine.some((wide) => contains(wide, scope)))
  const { rollout } = held
  return (
    (held.action === 'run' || (isWithin && STRICT[next.action].includes(held.action))) &&
    (held.raise === undefined || (isWithin && laneOf(next) >= laneOf(held)) || isOffForAll) &&
    (rollout === undefined || isOffForAll || (next.rollout?.salt === rollout.salt && next.rollout.percent <= rollout.percent))
  )
}

const obeyedBy = (held: State): readonly State[] => ACTIONS.filter((action) => covers({ action }, { action: held }))

/** By what is in force for everybody: the states in which a device obeys it. */
export const OBEYED: Readonly<Record<State, readonly State[]>> = {
  run: obeyedBy('run'),
  readonly: obeyedBy('readonly'),
  drain: obeyedBy('drain'),
  kill: obeyedBy('kill'),
  'safe-worker': obeyedBy('safe-worker'),
}
