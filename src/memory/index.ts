/** What an app's page uses for memory: `maestro-sw/memory/page`. */
export { TieredMemory, type Commander, type PutOptions } from './tiered-memory.ts'
export { AccountKey, type AccountKeyOptions, type Adopted } from './account-key.ts'
export type { AccountView, Found, Kept, KeyState, MemoryItem, MemoryPage, MemoryStatus, Missing, Swept, Synced, Tier } from '../protocol/memory.ts'
