import { LANES } from '../protocol/views.ts'
import type { Verdict } from './judge.ts'

/** The higher lane of two, with its reasons; both reasons where they agree. Never lower than the first. */
export function stricter<T extends Verdict>(one: T, other: T | null): T {
  if (!other) return one
  const [a, b] = [LANES.indexOf(one.lane), LANES.indexOf(other.lane)]
  const reasons = a === b ? [...one.reasons, ...other.reasons] : a > b ? one.reasons : other.reasons
  return { ...one, ...other, lane: a > b ? one.lane : other.lane, reasons }
}
