/** What the benchmark calls in a page; times in milliseconds. */
export type BenchPage = {
  /** Enqueues one after the other; the time of each. */
  one(count: number): Promise<number[]>
  /** Enqueues all at once; the time until the last is durable. */
  burst(count: number): Promise<number>
}

export const publish = (enqueue: () => Promise<void>): void => {
  const bench: BenchPage = {
    one: async (count) => {
      const times: number[] = []
      for (let i = 0; i < count; i++) {
        const start = performance.now()
        await enqueue()
        times.push(performance.now() - start)
      }
      return times
    },
    burst: async (count) => {
      const start = performance.now()
      await Promise.all(Array.from({ length: count }, enqueue))
      return performance.now() - start
    },
  }
  Object.assign(globalThis, { bench })
}
