import type { ReplayStore, Use, Used } from './replay-store.ts'

/** Uses held at once; what is beyond is refused, never forgotten early. */
const USES_MAX = 100_000

/** Remembers uses in this process: for one process that may forget when it restarts. Anything else needs a store that is shared and kept. */
export function memoryReplayStore(now: () => number = Date.now, usesMax: number = USES_MAX): ReplayStore {
  const uses = new Map<string, Use>()
  const nameOf = ({ owner, nonce }: Use): string => JSON.stringify([owner, nonce])

  const look = async (use: Use): Promise<Used> => {
    const known = uses.get(nameOf(use))
    return known === undefined ? 'never' : known.digest === use.digest ? 'again' : 'otherwise'
  }

  const sweep = (): void => {
    for (const [name, { keptUntil }] of uses) if (keptUntil < now()) uses.delete(name)
  }

  return {
    look,
    async take(use) {
      const known = uses.get(nameOf(use))
      if (known !== undefined) return known.digest === use.digest ? 'again' : 'otherwise'
      if (uses.size >= usesMax) sweep()
      if (uses.size >= usesMax) throw new Error('too many uses to remember')
      uses.set(nameOf(use), use)
      return 'never'
    },
  }
}
