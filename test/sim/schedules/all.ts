import { EFFECTS } from './effects.ts'
import { FOUND } from './found.ts'
import type { Schedule } from './schedule.ts'
import { WORLDS } from './worlds.ts'

/** The schedules of which every kill point is tried, one by one. */
export const SCHEDULES: readonly Schedule[] = [...EFFECTS, ...WORLDS, ...FOUND]
