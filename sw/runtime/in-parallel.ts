/**
 * Works through a list, so many at a time; one that fails is its own affair. Who calls `free` lets the next begin while it still ends.
 * Resolves when all have ended.
 */
export async function inParallel<T>(items: readonly T[], lanes: number, work: (item: T, free: () => void) => Promise<unknown>): Promise<void> {
  const queue = items.values()
  const ends: Promise<unknown>[] = []
  const lane = async (): Promise<void> => {
    for (const item of queue)
      await new Promise<void>((free) =>
        ends.push(
          work(item, free)
            .finally(free)
            .catch(() => undefined),
        ),
      )
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane))
  await Promise.all(ends)
}
