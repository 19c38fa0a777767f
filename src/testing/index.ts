/** What an app's tests use: `maestro-sw/testing`. */
export { simulate, type Failed, type Report, type SimulateOptions } from './simulate.ts'
export type { PlannedIntent } from './plan.ts'
export type { Rng } from './rng.ts'
