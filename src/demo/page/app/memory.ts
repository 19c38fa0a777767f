import type { Answer } from '../../../protocol/messages.ts'
import { AccountKey, TieredMemory } from '../../../memory/index.ts'
import type { Connected } from './connected.ts'

/** What the assistant is doing is of no use to anybody this long after, ms. */
const DOING_MS = 3_600_000
const DOING = 'assistant'

/** The person's memory, and the assistant's notes in it. */
export type DemoMemory = {
  readonly tiers: TieredMemory
  readonly account: AccountKey
  /** What the assistant is doing, in one line that takes the place of the one before: T2. */
  doing(line: string): void
  /** What the assistant did: one more line of T3. */
  did(line: string): void
  /** Calls back after every note of the assistant. */
  watch(listener: () => void): void
}

export const createDemoMemory = (client: Connected): DemoMemory => {
  const tiers = new TieredMemory(client)
  const listeners = new Set<() => void>()
  let last: Promise<unknown> = Promise.resolve()
  // A note that cannot be kept is lost; the work it is about goes on.
  const note = (write: () => Promise<Answer<unknown>>): void => {
    last = last
      .then(write)
      .then(() => listeners.forEach((listener) => listener()))
      .catch(() => undefined)
  }
  return {
    tiers,
    account: new AccountKey(client),
    doing: (line) => note(() => tiers.put('t2', DOING, line, { ttlMs: DOING_MS })),
    did: (line) => note(() => tiers.put('t3', null, line)),
    watch: (listener) => void listeners.add(listener),
  }
}
