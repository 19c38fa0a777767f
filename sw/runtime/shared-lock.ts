/** Many at once, or one alone: what changes the keys waits for what uses them, and is waited for. */
export type SharedLock = {
  shared<T>(work: () => Promise<T>): Promise<T>
  alone<T>(work: () => Promise<T>): Promise<T>
}

export function createSharedLock(): SharedLock {
  const running = new Set<Promise<unknown>>()
  let only: Promise<unknown> | null = null

  return {
    async shared(work) {
      // Looked at again after every wait, and taken in the same turn.
      while (only) await Promise.allSettled([only])
      const run = work()
      running.add(run)
      try {
        return await run
      } finally {
        running.delete(run)
      }
    },
    async alone(work) {
      while (only) await Promise.allSettled([only])
      const run = Promise.allSettled(running).then(work)
      only = run
      try {
        return await run
      } finally {
        only = null
      }
    },
  }
}
