/// <reference lib="webworker" />
/** Memory that follows a person over their devices, and the account's keys: a kit of `createMaestro`, `maestro-sw/memory`. */
import { createCacheMarker } from '../adapters/cache-marker.ts'
import { createMemoryStore } from '../adapters/idb-memory-store.ts'
import { createSecretsDatabase } from '../adapters/secrets-database.ts'
import { createSupabaseMemory } from '../adapters/supabase-memory.ts'
import { createAccountKeys } from '../adapters/webcrypto-account-keys.ts'
import { webLock } from '../adapters/worker-globals.ts'
import type { Kit } from '../runtime/kit.ts'
import type { Embed } from '../runtime/memory.ts'
import { createMemoryKit } from '../runtime/memory-kit.ts'

export type MemoryOptions = {
  /** The Supabase project that envelopes are kept by, as given to `supabase(…)`. Without it memory stays on this device. */
  readonly server?: { readonly url: string; readonly anonKey?: string }
  /** Meaning as numbers, for semantic search; without it, or while it gives `null`, words are searched for. */
  readonly embed?: Embed
}

const estimate = async (): Promise<{ readonly usage: number | null; readonly quota: number | null }> => {
  const { usage = null, quota = null } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {}
  return { usage, quota }
}

/** Give it to `createMaestro` as one of its `kits`; pages use `TieredMemory` and `AccountKey` of `maestro-sw/memory/page`. */
export function memory({ server, embed }: MemoryOptions = {}): Kit {
  return (host) =>
    createMemoryKit(host, {
      account: createAccountKeys({ log: host.log, lock: webLock, database: createSecretsDatabase() }),
      memoryStore: createMemoryStore({ log: host.log }),
      marker: createCacheMarker(),
      server: server ? createSupabaseMemory({ base: server.url, anonKey: server.anonKey ?? null }) : null,
      embed: embed ?? null,
      estimate,
    })
}
