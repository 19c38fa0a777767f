/** What an app's back end uses: `maestro-sw/server`. Web APIs only: Node, Deno, the edge. */
export { createVerifier, type Accepted, type AskedFor, type Verify, type VerifierOptions } from './verifier.ts'
export { memoryReplayStore } from './memory-replay-store.ts'
export type { ReplayStore, Use, Used } from './replay-store.ts'
export type { Refusal, RefusalCode } from './refusal.ts'
export type { ServerKeys } from './certificates.ts'
