import type { GateView } from '../../src/protocol/views.ts'

/** MAESTRO is off: nothing new is taken, nothing runs, nothing is asked of anybody. */
export const isOff = ({ state }: Pick<GateView, 'state'>): boolean => state === 'kill' || state === 'safe-worker'

/** No effect may start; what was taken waits. */
export const isHeld = (gate: Pick<GateView, 'state'>): boolean => isOff(gate) || gate.state === 'readonly'

/** What a page sees that has switched itself off: that and no more, where MAESTRO is off already. */
export const forWindow = (view: GateView, isWindowOff: boolean): GateView =>
  isWindowOff && !isOff(view) ? { ...view, state: 'kill', cause: 'window' } : view
