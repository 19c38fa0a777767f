/** What the drains and the faults call in a page. */
export type QueuePage = {
  /**
   * Stores so many intents, one after the other, under `{prefix}{n}`, all for one lane of the far end, over so many queues where a
   * side has more than one; resolves when the last is stored.
   */
  fill(prefix: string, count: number, lane: string, queues?: number): Promise<void>
  /** Begins to send; resolves at once. */
  release(): void
  /** Intents that are stored and not yet done with, as the side itself says. */
  waiting(): Promise<number>
}

type Side = {
  put(key: string, lane: string, queue: number): Promise<void>
  release(): void
  waiting(): Promise<number>
}

export const publishQueue = ({ put, release, waiting }: Side): void => {
  const queue: QueuePage = {
    release,
    waiting,
    fill: async (prefix, count, lane, queues = 1) => {
      for (let i = 0; i < count; i++) await put(`${prefix}${i}`, lane, i % queues)
    },
  }
  Object.assign(globalThis, { queue })
}
