import type { Json } from '../base/json.ts'
import type { Found, Kept, MemoryItem, MemoryPage, MemoryStatus, Missing, Swept, Synced, Tier } from '../protocol/memory.ts'
import type { Answer } from '../protocol/messages.ts'

/** What memory needs of the client: `MaestroClient` has it. */
export type Commander = { command<T>(name: string, args?: Record<string, unknown>): Promise<Answer<T>> }

export type PutOptions = {
  /** A person has confirmed this: needed for T1. */
  readonly confirmed?: boolean
  /** How long a T2 record lasts, ms; one day when absent, 90 days at most. */
  readonly ttlMs?: number
  /** Whom or what it is about, so that all of it can be forgotten at once. */
  readonly subject?: string
}

/**
 * A person's memory in three tiers, kept by the worker and sealed under keys no page can export.
 *
 * `t1` core: explicit, confirmed, kept until it is removed. `t2` working: ends after its time. `t3` episodic: a timeline of this device;
 * it only grows, and its oldest records go first when the disk is full. T1 and T2 follow the person to devices that have unlocked the
 * account. Nothing throws for what can be expected: every answer is `{ ok: true, value }` or `{ ok: false, error }`.
 */
export class TieredMemory {
  readonly #maestro: Commander

  constructor(maestro: Commander) {
    this.#maestro = maestro
  }

  /** Opens the memory and says what was found: how the keys are, where things lie, how much there is. May be asked again at any time. */
  init(): Promise<Answer<MemoryStatus>> {
    return this.#maestro.command('memoryInit')
  }

  /**
   * Writes one record, and resolves when it is where `durability` says. `key` may be `null` in T3 only, which then makes one from the time.
   * A T3 key that is taken is refused (`KEY_REUSED`); a T1 record without `confirmed` is (`POLICY_BLOCKED`).
   */
  put(tier: Tier, key: string | null, value: Json, options: PutOptions = {}): Promise<Answer<Kept>> {
    // Made here, so that a call whose answer was lost can be made again.
    const name = key ?? (tier === 't3' ? `${String(Date.now()).padStart(15, '0')}-${crypto.randomUUID()}` : undefined)
    return this.#maestro.command('memoryPut', { tier, ...(name === undefined ? {} : { key: name }), value, ...options })
  }

  /** One record, or why there is none. */
  get(tier: Tier, key: string): Promise<Answer<Found | Missing>> {
    return this.#maestro.command('memoryGet', { tier, key })
  }

  /** A page of a tier by time, oldest first; `after` is the `next` of the page before. What does not open is counted. */
  list(tier: Tier, { after, limit = 100 }: { readonly after?: number; readonly limit?: number } = {}): Promise<Answer<MemoryPage>> {
    return this.#maestro.command('memoryList', { tier, limit, ...(after === undefined ? {} : { after }) })
  }

  /** The records that fit best, by words, and by meaning where the worker has a model for it. */
  search(
    query: string,
    { tiers = ['t1', 't2', 't3'], limit = 20 }: { readonly tiers?: readonly Tier[]; readonly limit?: number } = {},
  ): Promise<Answer<readonly MemoryItem[]>> {
    return this.#maestro.command('memorySearch', { query, tiers, limit })
  }

  /** Removes records, here and on every other device; T1 only with `confirmed`. */
  evict(tier: Tier, keys: readonly string[], { confirmed = false }: { readonly confirmed?: boolean } = {}): Promise<Answer<Swept>> {
    return this.#maestro.command('memoryEvict', { tier, keys, confirmed })
  }

  /** Removes what has expired, and, when asked, what will never open again on this device. */
  purge({ unreadable = false }: { readonly unreadable?: boolean } = {}): Promise<Answer<Swept>> {
    return this.#maestro.command('memoryPurge', { unreadable })
  }

  /**
   * Destroys a subject's key on this device, in what was set aside of a broken database too, and on the server; and every record about it.
   * Copies of the records open no more, wherever they are; another device destroys its own key at its next synchronisation.
   */
  forget(subject: string): Promise<Answer<Swept>> {
    return this.#maestro.command('memoryForget', { subject })
  }

  /** Brings what changed here to the server, and what changed elsewhere here. It also happens by itself, soon after a change. */
  sync(): Promise<Answer<Synced>> {
    return this.#maestro.command('memorySync')
  }
}
