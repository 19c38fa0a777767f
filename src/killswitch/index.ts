/** What an app's page uses to hear of a kill at once and to prove it: `maestro-sw/killswitch/page`. */
export { followKillswitch, STALE_MAX_MS, type FollowOptions } from './follow.ts'
